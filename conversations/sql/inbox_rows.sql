-- One page of conversations with their author and the newest thing they wrote. Both holes are our own text.
SELECT c.id, c.title, c.state, c.is_public, c.priority, c.priority_why, c.waiting_since, c.due_at, c.last_at,
  c.assignee_id, c.connection_id, c.snoozed_until, a.name, a.handle, a.network, a.contact_id, m.text, m.warning, m.visibility, m.sentiment, m.deleted_at, m.found_by
FROM conversations_conversation c
JOIN conversations_publicauthor a ON a.workspace_id = %(workspace)s AND a.id = c.author_id
LEFT JOIN LATERAL (
  SELECT text, warning, visibility, sentiment, deleted_at, found_by FROM conversations_mention
  WHERE workspace_id = %(workspace)s AND conversation_id = c.id AND twin_of_id IS NULL
  ORDER BY published_at DESC LIMIT 1) m ON true
WHERE c.workspace_id = %(workspace)s {where}
ORDER BY {order}
LIMIT %(limit)s
