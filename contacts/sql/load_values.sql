-- Custom fields in the column of their type; the newest value stands.
INSERT INTO contacts_fieldvalue (workspace_id, contact_id, name, text, folded, number, moment, updated_at)
SELECT %(workspace)s, contact_id, name, text, folded, number, moment, %(now)s
FROM contacts_stage_values ORDER BY contact_id, name COLLATE "C"
ON CONFLICT (workspace_id, contact_id, name) DO UPDATE
SET text = excluded.text, folded = excluded.folded, number = excluded.number, moment = excluded.moment,
    updated_at = excluded.updated_at
