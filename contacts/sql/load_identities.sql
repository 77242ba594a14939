-- New identities, in one order for everybody (no deadlocks); those that somebody else just wrote are left out.
INSERT INTO contacts_identity (workspace_id, contact_id, kind, value, evidence, created_at)
SELECT %(workspace)s, contact_id, kind, value, %(evidence)s, %(now)s
FROM contacts_stage_identities ORDER BY kind, value COLLATE "C"
ON CONFLICT (workspace_id, kind, value) DO NOTHING
