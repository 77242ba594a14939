-- What was said by these words was never said: one row in the state "undone" for each. Words that are undone already, or
-- are neither a yes nor a no, are left alone. Returns whose they are.
INSERT INTO consent_consent (workspace_id, contact_id, topic_id, channel, state, basis, source, page, language, agent,
                             by_id, at, undoes_id)
SELECT %(workspace)s, k.contact_id, k.topic_id, k.channel, %(undone)s, k.basis, k.source, '', '', '',
       %(by)s::bigint, greatest(%(now)s, k.at), k.id
FROM consent_consent k
WHERE k.workspace_id = %(workspace)s AND k.id = ANY(%(words)s::bigint[]) AND k.state IN (%(given)s, %(withdrawn)s)
ORDER BY k.id
ON CONFLICT DO NOTHING
RETURNING contact_id
