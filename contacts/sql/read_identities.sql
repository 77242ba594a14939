-- The identities of these contacts.
SELECT i.contact_id, i.kind, i.value
FROM unnest(%(contacts)s::bigint[]) AS who (id)
CROSS JOIN LATERAL (SELECT x.contact_id, x.kind, x.value FROM contacts_identity x
                    WHERE x.workspace_id = %(workspace)s AND x.contact_id = who.id OFFSET 0) AS i
