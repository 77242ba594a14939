-- Who is a critic since a complaint and has none open any more, with when the last one was resolved; the longest ago first.
SELECT r.contact_id, max(resolved.at) AS resolved_at
FROM contacts_audiencerole r
LEFT JOIN contacts_merged link ON link.workspace_id = %(workspace)s AND link.loser_id = r.contact_id
CROSS JOIN LATERAL (SELECT coalesce(link.survivor_id, r.contact_id) AS id
                    UNION ALL
                    SELECT m.loser_id FROM contacts_merged m
                    WHERE m.workspace_id = %(workspace)s
                      AND m.survivor_id = coalesce(link.survivor_id, r.contact_id)) AS one
JOIN contacts_contact c ON c.workspace_id = %(workspace)s AND c.id = one.id
LEFT JOIN LATERAL (SELECT max(t.occurred_at) AS at FROM touchpoints_touchpoint t
                   WHERE t.workspace_id = %(workspace)s AND t.contact_id = one.id AND t.kind = %(resolved)s
                     AND t.occurred_at >= r.since) AS resolved ON true
WHERE r.workspace_id = %(workspace)s AND r.role = %(role)s AND r.until IS NULL AND r.source = %(source)s
GROUP BY r.contact_id
HAVING count(c.complaint_since) = 0 AND max(resolved.at) IS NOT NULL
ORDER BY resolved_at, r.contact_id
