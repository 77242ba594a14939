DROP FUNCTION IF EXISTS forget_pages(smallint, timestamptz, integer)
