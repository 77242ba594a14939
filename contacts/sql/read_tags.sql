-- Tags of these contacts.
SELECT t.contact_id, t.name
FROM unnest(%(contacts)s::bigint[]) AS who (id)
CROSS JOIN LATERAL (SELECT x.contact_id, x.name FROM contacts_tag x
                    WHERE x.workspace_id = %(workspace)s AND x.contact_id = who.id OFFSET 0) AS t
