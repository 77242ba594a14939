-- Who holds each of these identities today (merged people: who stands for them), of those that somebody holds alone.
SELECT wanted.kind, wanted.value, coalesce(m.survivor_id, i.contact_id)
FROM ROWS FROM (unnest(%(kinds)s::smallint[]), json_array_elements_text(%(values)s::json)) AS wanted (kind, value)
CROSS JOIN LATERAL (SELECT x.contact_id FROM contacts_identity x
                    WHERE x.workspace_id = %(workspace)s AND x.kind = wanted.kind AND x.value = wanted.value
                      AND x.shared_key = 0 OFFSET 0) AS i
LEFT JOIN LATERAL (SELECT l.survivor_id FROM contacts_merged l
                   WHERE l.workspace_id = %(workspace)s AND l.loser_id = i.contact_id OFFSET 0) AS m ON true
