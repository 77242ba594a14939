-- Roles that these contacts play from now on; one that they play already stays as it is.
INSERT INTO contacts_audiencerole (workspace_id, contact_id, role, since, source)
SELECT %(workspace)s, contact_id, role, %(now)s, %(source)s
FROM contacts_stage_roles ORDER BY contact_id, role
ON CONFLICT DO NOTHING
