-- The names of the companies that these contacts are at now.
SELECT p.contact_id, p.name
FROM unnest(%(contacts)s::bigint[]) AS who (id)
CROSS JOIN LATERAL (SELECT x.contact_id, y.name
                    FROM contacts_position x
                    JOIN contacts_company y ON y.workspace_id = x.workspace_id AND y.id = x.company_id
                    WHERE x.workspace_id = %(workspace)s AND x.contact_id = who.id AND x.until IS NULL OFFSET 0) AS p
