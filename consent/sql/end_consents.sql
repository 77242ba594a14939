-- Each yes of these people on one channel that holds beyond a moment is written down anew, now ending there: on the basis
-- and with the wording it was given. Returns (contact, topic, when it would have ended).
WITH standing AS (
  SELECT k.contact_id, k.topic_id, k.expires_at AS ended
  FROM consent_consentnow k
  WHERE k.workspace_id = %(workspace)s AND k.contact_id = ANY(%(contacts)s::bigint[]) AND k.channel = %(channel)s
    AND k.state = %(given)s AND (k.expires_at IS NULL OR k.expires_at > %(ends)s)
), written AS (
  INSERT INTO consent_consent (workspace_id, contact_id, topic_id, channel, state, basis, wording_id, source, page,
                               language, agent, by_id, at, expires_at)
  SELECT %(workspace)s, standing.contact_id, standing.topic_id, %(channel)s, %(given)s,
         coalesce(said.basis, %(consent)s), said.wording_id, %(source)s, '', '', '', %(by)s::bigint, %(now)s, %(ends)s
  FROM standing
  LEFT JOIN LATERAL (
    SELECT g.basis, g.wording_id FROM consent_consent g
    WHERE g.workspace_id = %(workspace)s AND g.contact_id = standing.contact_id AND g.channel = %(channel)s
      AND g.topic_id IS NOT DISTINCT FROM standing.topic_id AND g.state = %(given)s
    ORDER BY g.at DESC, g.id DESC LIMIT 1
  ) AS said ON true
  ORDER BY standing.contact_id, standing.topic_id
)
SELECT contact_id, topic_id, ended FROM standing ORDER BY contact_id, topic_id
