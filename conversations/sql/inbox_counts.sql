-- How many conversations wait, by network and by the team that answers there: all, and nobody's; and how many are snoozed.
SELECT a.network, k.team_id,
  count(*) FILTER (WHERE c.state = 'waiting') AS waiting,
  count(*) FILTER (WHERE c.state = 'waiting' AND c.assignee_id IS NULL) AS unassigned,
  count(*) FILTER (WHERE c.state = 'snoozed') AS snoozed
FROM conversations_conversation c
JOIN conversations_publicauthor a ON a.workspace_id = %(workspace)s AND a.id = c.author_id
JOIN conversations_connection k ON k.workspace_id = %(workspace)s AND k.id = c.connection_id
WHERE c.workspace_id = %(workspace)s AND c.state IN ('waiting', 'snoozed')
GROUP BY a.network, k.team_id
ORDER BY a.network
