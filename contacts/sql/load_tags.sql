-- New tags; one that is there already stays as it is.
INSERT INTO contacts_tag (workspace_id, contact_id, name, folded, source)
SELECT %(workspace)s, contact_id, name, folded, %(source)s
FROM contacts_stage_tags ORDER BY name COLLATE "C", contact_id
ON CONFLICT (workspace_id, name, contact_id) DO NOTHING
