-- Custom fields in the column of their type. New contacts have none yet: no conflict is looked for then, which costs.
INSERT INTO contacts_fieldvalue (workspace_id, contact_id, name, text, folded, number, moment, updated_at)
SELECT %(workspace)s, contact_id, name, text, folded, number, moment, %(now)s
FROM contacts_stage_values ORDER BY contact_id, name COLLATE "C"
{on_conflict}
