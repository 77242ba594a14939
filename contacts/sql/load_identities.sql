-- New identities, in one order for everybody (no deadlocks). One that somebody else just wrote is refused with all: to leave
-- it out, each would be looked for before it is written.
INSERT INTO contacts_identity (workspace_id, contact_id, kind, value, evidence, created_at)
SELECT %(workspace)s, contact_id, kind, value, %(evidence)s, %(now)s
FROM contacts_stage_identities ORDER BY kind, value COLLATE "C"
