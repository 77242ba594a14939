-- Takes the function away again.
DROP FUNCTION remove_imported(bigint[], bigint)
