-- Of these contacts those who were merged into somebody, with whom.
SELECT m.loser_id, m.survivor_id
FROM unnest(%(contacts)s::bigint[]) AS who (id)
CROSS JOIN LATERAL (SELECT l.loser_id, l.survivor_id FROM contacts_merged l
                    WHERE l.workspace_id = %(workspace)s AND l.loser_id = who.id OFFSET 0) AS m
