-- Who uses each of these addresses, one row for each contact (who stands for them today), the first who did first, with
-- their name folded and whether the address is shared.
SELECT wanted.kind, wanted.value, coalesce(m.survivor_id, i.contact_id), p.name, bool_or(i.shared_key <> 0)
FROM ROWS FROM (unnest(%(kinds)s::smallint[]), json_array_elements_text(%(values)s::json)) AS wanted (kind, value)
CROSS JOIN LATERAL (SELECT x.id, x.contact_id, x.shared_key FROM contacts_identity x
                    WHERE x.workspace_id = %(workspace)s AND x.kind = wanted.kind AND x.value = wanted.value OFFSET 0) AS i
LEFT JOIN LATERAL (SELECT l.survivor_id FROM contacts_merged l
                   WHERE l.workspace_id = %(workspace)s AND l.loser_id = i.contact_id OFFSET 0) AS m ON true
CROSS JOIN LATERAL (SELECT c.name FROM contacts_contact c
                    WHERE c.workspace_id = %(workspace)s AND c.id = coalesce(m.survivor_id, i.contact_id) OFFSET 0) AS p
GROUP BY 1, 2, 3, 4
ORDER BY min(i.id)
