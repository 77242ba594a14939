-- Takes the function away again.
DROP FUNCTION survey_tables(text[])
