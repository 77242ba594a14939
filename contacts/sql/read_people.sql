-- Fields of these contacts. LATERAL with OFFSET 0, here and below: one look by key each, whatever the planner knows.
SELECT c.id, {columns}
FROM unnest(%(contacts)s::bigint[]) AS who (id)
CROSS JOIN LATERAL (SELECT * FROM contacts_contact p
                    WHERE p.workspace_id = %(workspace)s AND p.id = who.id OFFSET 0) AS c
