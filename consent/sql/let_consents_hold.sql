-- Of these (contact, topic, end or null), each yes that still ends at the moment we set is written down anew with the end
-- it had before. Whoever said something else since keeps that. Returns whose.
WITH told AS (
  SELECT (one ->> 0)::bigint AS contact_id, (one ->> 1)::bigint AS topic_id, (one ->> 2)::timestamptz AS ended
  FROM json_array_elements(%(rows)s::json) AS one
)
INSERT INTO consent_consent (workspace_id, contact_id, topic_id, channel, state, basis, wording_id, source, page,
                             language, agent, by_id, at, expires_at)
SELECT %(workspace)s, told.contact_id, told.topic_id, %(channel)s, %(given)s, said.basis, said.wording_id, %(source)s,
       '', '', '', %(by)s::bigint, %(now)s, told.ended
FROM told
JOIN consent_consentnow k ON k.workspace_id = %(workspace)s AND k.contact_id = told.contact_id
  AND k.channel = %(channel)s AND k.topic_id IS NOT DISTINCT FROM told.topic_id AND k.state = %(given)s
  AND k.expires_at = %(ends)s
CROSS JOIN LATERAL (
  SELECT g.basis, g.wording_id FROM consent_consent g
  WHERE g.workspace_id = %(workspace)s AND g.contact_id = told.contact_id AND g.channel = %(channel)s
    AND g.topic_id IS NOT DISTINCT FROM told.topic_id AND g.state = %(given)s AND g.expires_at = %(ends)s
  ORDER BY g.at DESC, g.id DESC LIMIT 1
) AS said
ORDER BY told.contact_id, told.topic_id
RETURNING contact_id
