-- Event leaves of segments count people's moments of one kind in a span of time: with the certainty in the index none
-- of them reads the ledger itself.
DROP INDEX touchpoint_kind;
CREATE INDEX touchpoint_kind ON touchpoints_touchpoint (workspace_id, kind, occurred_at)
  INCLUDE (contact_id, certainty);
