DROP INDEX touchpoint_kind;
CREATE INDEX touchpoint_kind ON touchpoints_touchpoint (workspace_id, kind, occurred_at) INCLUDE (contact_id);
