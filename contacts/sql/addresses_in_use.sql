-- The address of each of these kinds that messages to each of these people go to, in the order of primary_address.sql.
-- LATERAL with OFFSET 0 keeps one index probe a person even where the planner has no statistics yet.
SELECT DISTINCT ON (who.id, i.kind) who.id, i.kind, i.value
FROM unnest(%(contacts)s::bigint[]) AS who (id)
CROSS JOIN LATERAL (SELECT p.email FROM contacts_contact p
                    WHERE p.workspace_id = %(workspace)s AND p.id = who.id OFFSET 0) AS c
CROSS JOIN LATERAL (SELECT x.id, x.kind, x.value, x.preferred_at FROM contacts_identity x
                    WHERE x.workspace_id = %(workspace)s AND x.contact_id = who.id AND x.kind = ANY(%(kinds)s)
                      AND x.former_since IS NULL OFFSET 0) AS i
ORDER BY who.id, i.kind, i.value = c.email DESC, i.preferred_at DESC NULLS LAST, i.id
