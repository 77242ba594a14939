-- Where these contacts are now.
SELECT p.contact_id, p.company_id, p.role_there
FROM unnest(%(contacts)s::bigint[]) AS who (id)
CROSS JOIN LATERAL (SELECT * FROM contacts_position x
                    WHERE x.workspace_id = %(workspace)s AND x.contact_id = who.id AND x.until IS NULL OFFSET 0) AS p
