-- Roles that these contacts play today.
SELECT r.contact_id, r.role
FROM unnest(%(contacts)s::bigint[]) AS who (id)
CROSS JOIN LATERAL (SELECT x.contact_id, x.role FROM contacts_audiencerole x
                    WHERE x.workspace_id = %(workspace)s AND x.contact_id = who.id AND x.until IS NULL OFFSET 0) AS r
