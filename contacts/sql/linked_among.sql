-- Who stands for those of these contacts that are linked, on either side of the link.
SELECT m.survivor_id
FROM unnest(%(contacts)s::bigint[]) AS who (id)
CROSS JOIN LATERAL (SELECT l.survivor_id FROM contacts_merged l
                    WHERE l.workspace_id = %(workspace)s AND l.loser_id = who.id OFFSET 0) AS m
UNION
SELECT m.survivor_id
FROM unnest(%(contacts)s::bigint[]) AS who (id)
CROSS JOIN LATERAL (SELECT l.survivor_id FROM contacts_merged l
                    WHERE l.workspace_id = %(workspace)s AND l.survivor_id = who.id LIMIT 1) AS m
