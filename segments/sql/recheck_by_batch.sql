-- Whom segments must look at again stands in one row a batch. What waits meanwhile is found by the nightly audit.
TRUNCATE segments_segmentrecheck;
-- Workers of before make the mark anew, and the table holds nothing that lasts.
-- squawk-ignore ban-drop-column
ALTER TABLE segments_segmentrecheck DROP COLUMN contact_id;
-- squawk-ignore adding-required-field
ALTER TABLE segments_segmentrecheck ADD COLUMN contact_ids bigint[] NOT NULL;
