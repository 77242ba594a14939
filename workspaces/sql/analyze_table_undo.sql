-- Takes the function away again.
DROP FUNCTION analyze_table(text)
