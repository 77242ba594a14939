-- What a message may know of its readers: columns of theirs, a row each.
SELECT c.id{columns}
FROM unnest(%(contacts)s::bigint[]) AS asked (id)
CROSS JOIN LATERAL (SELECT * FROM contacts_contact p
                    WHERE p.workspace_id = %(workspace)s AND p.id = asked.id OFFSET 0) AS c
