-- The interests of some people as strong as they are now, strongest first; of who was merged, those of who stands for them.
SELECT a.contact_id, i.tag_id, {strength} AS strength
FROM unnest(%(contacts)s::bigint[]) AS a (contact_id)
LEFT JOIN contacts_merged m ON m.workspace_id = %(workspace)s AND m.loser_id = a.contact_id
JOIN engagement_interest i ON i.workspace_id = %(workspace)s AND i.contact_id = coalesce(m.survivor_id, a.contact_id)
WHERE {strength} >= %(at_least)s
ORDER BY 1, 3 DESC, 2
