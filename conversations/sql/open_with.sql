-- Conversations with one of these contacts that are in one of these states.
SELECT c.id
FROM unnest(%(contacts)s::bigint[]) AS who (id)
CROSS JOIN LATERAL (SELECT p.id FROM conversations_publicauthor p
                    WHERE p.workspace_id = %(workspace)s AND p.contact_id = who.id OFFSET 0) AS a
CROSS JOIN LATERAL (SELECT x.id FROM conversations_conversation x
                    WHERE x.workspace_id = %(workspace)s AND x.author_id = a.id AND x.state = ANY(%(open)s) OFFSET 0) AS c
