-- Who asked for a seed test has a column again, empty.
ALTER TABLE deliverability_seedtest ADD COLUMN by_id bigint NULL;
