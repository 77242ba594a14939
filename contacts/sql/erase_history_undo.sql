-- Takes the function away again.
DROP FUNCTION erase_history(bigint[])
