-- Of these people those who ever said no on a channel, themselves or as somebody merged into them.
SELECT DISTINCT who.id
FROM unnest(%(contacts)s::bigint[]) AS who (id)
CROSS JOIN LATERAL (SELECT who.id AS contact_id UNION ALL
                    SELECT l.loser_id FROM contacts_merged l
                    WHERE l.workspace_id = %(workspace)s AND l.survivor_id = who.id OFFSET 0) AS one
CROSS JOIN LATERAL (SELECT FROM consent_consent k
                    WHERE k.workspace_id = %(workspace)s AND k.contact_id = one.contact_id AND k.channel = %(channel)s
                      AND k.state = %(withdrawn)s
                      AND NOT EXISTS (SELECT FROM consent_consent u
                                      WHERE u.workspace_id = %(workspace)s AND u.undoes_id = k.id) OFFSET 0) AS no
