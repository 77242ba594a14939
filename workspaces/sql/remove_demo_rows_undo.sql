-- Takes the function away again.
DROP FUNCTION remove_demo_rows()
