-- Custom fields in the column of their type. New contacts have none yet: no conflict is looked for then, which costs, and they
-- come in the order of the indexes by value, which are the wide ones.
INSERT INTO contacts_fieldvalue (workspace_id, contact_id, name, text, folded, number, moment, updated_at)
SELECT %(workspace)s, contact_id, name, text, folded, number, moment, %(now)s
FROM contacts_stage_values ORDER BY {order}
{on_conflict}
