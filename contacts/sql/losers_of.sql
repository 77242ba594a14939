-- Who was merged into these contacts.
SELECT m.loser_id
FROM unnest(%(contacts)s::bigint[]) AS who (id)
CROSS JOIN LATERAL (SELECT l.loser_id FROM contacts_merged l
                    WHERE l.workspace_id = %(workspace)s AND l.survivor_id = who.id OFFSET 0) AS m
