-- Custom fields in the column of their type. Of a trusted source the newest value stands, of another the first.
INSERT INTO contacts_fieldvalue (workspace_id, contact_id, name, text, folded, number, moment, updated_at)
SELECT %(workspace)s, contact, name, text, folded, number, moment, %(now)s
FROM jsonb_to_recordset(%(rows)s::jsonb) AS n (contact bigint, name text, text text, folded text, number float8,
  moment timestamptz)
ORDER BY contact, name
ON CONFLICT (workspace_id, contact_id, name) DO UPDATE
SET text = excluded.text, folded = excluded.folded, number = excluded.number, moment = excluded.moment, updated_at = excluded.updated_at
WHERE %(trusted)s
