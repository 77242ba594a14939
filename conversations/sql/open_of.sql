-- The conversations in these states whose writers are some contacts, or one person with them.
SELECT c.id FROM conversations_publicauthor a
JOIN conversations_conversation c ON c.workspace_id = a.workspace_id AND c.author_id = a.id
WHERE a.workspace_id = %(workspace)s AND a.contact_id = ANY(%(contacts)s::bigint[]) AND c.state = ANY(%(states)s)
