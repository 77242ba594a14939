-- How many conversations wait, by network: all, and nobody's; and how many are snoozed.
SELECT a.network,
  count(*) FILTER (WHERE c.state = 'waiting') AS waiting,
  count(*) FILTER (WHERE c.state = 'waiting' AND c.assignee_id IS NULL) AS unassigned,
  count(*) FILTER (WHERE c.state = 'snoozed') AS snoozed
FROM conversations_conversation c
JOIN conversations_publicauthor a ON a.workspace_id = %(workspace)s AND a.id = c.author_id
WHERE c.workspace_id = %(workspace)s AND c.state IN ('waiting', 'snoozed')
GROUP BY a.network
ORDER BY a.network
