-- One row for each contact again. Whom segments had to look at is found by the nightly audit.
TRUNCATE segments_segmentrecheck;
-- squawk-ignore ban-drop-column
ALTER TABLE segments_segmentrecheck DROP COLUMN contact_ids;
-- squawk-ignore adding-required-field
ALTER TABLE segments_segmentrecheck ADD COLUMN contact_id bigint NOT NULL;
ALTER TABLE segments_segmentrecheck ADD CONSTRAINT recheck_once UNIQUE (workspace_id, contact_id);
