-- The timeline's index without what scores are counted from.
CREATE INDEX touchpoint_people ON touchpoints_touchpoint (workspace_id, contact_id, occurred_at, id);
DROP INDEX touchpoint_timeline;
ALTER INDEX touchpoint_people RENAME TO touchpoint_timeline;
