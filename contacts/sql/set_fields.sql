-- Fields that people brought along. An untrusted source fills what is empty, a trusted one also replaces.
UPDATE contacts_contact c
SET {assignments}
FROM jsonb_to_recordset(%(rows)s::jsonb) AS n (id bigint, {columns})
WHERE c.workspace_id = %(workspace)s AND c.id = n.id AND c.erased_at IS NULL
