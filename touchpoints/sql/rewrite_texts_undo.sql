DROP FUNCTION rewrite_texts(uuid[], timestamptz[], text[])
