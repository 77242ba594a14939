-- Each yes of these people on one channel that holds beyond a moment is written down anew, now ending there: for whoever
-- said it (somebody linked to them, too), on the basis and with the wording it was given. Returns (person, row).
WITH standing AS (
  SELECT k.contact_id, k.topic_id FROM consent_consentnow k
  WHERE k.workspace_id = %(workspace)s AND k.contact_id = ANY(%(contacts)s::bigint[]) AND k.channel = %(channel)s
    AND k.state = %(given)s AND (k.expires_at IS NULL OR k.expires_at > %(ends)s)
), members AS (
  SELECT s.contact_id AS person_id, s.topic_id, s.contact_id AS member_id FROM standing s
  UNION ALL
  SELECT s.contact_id, s.topic_id, m.loser_id FROM standing s
  JOIN contacts_merged m ON m.workspace_id = %(workspace)s AND m.survivor_id = s.contact_id
), said AS (
  SELECT members.person_id, members.member_id, members.topic_id, word.basis, word.wording_id
  FROM members
  CROSS JOIN LATERAL (
    SELECT g.state, g.basis, g.wording_id, g.expires_at FROM consent_consent g
    WHERE g.workspace_id = %(workspace)s AND g.contact_id = members.member_id AND g.channel = %(channel)s
      AND (g.topic_id IS NULL OR g.topic_id = members.topic_id) AND g.state IN (%(given)s, %(withdrawn)s)
      AND NOT EXISTS (SELECT FROM consent_consent u WHERE u.workspace_id = %(workspace)s AND u.undoes_id = g.id)
    ORDER BY g.at DESC, g.id DESC LIMIT 1
  ) AS word
  WHERE word.state = %(given)s AND (word.expires_at IS NULL OR word.expires_at > %(ends)s)
), written AS (
  INSERT INTO consent_consent (workspace_id, contact_id, topic_id, channel, state, basis, wording_id, source, page,
                               language, agent, by_id, at, expires_at)
  SELECT %(workspace)s, said.member_id, said.topic_id, %(channel)s, %(given)s, said.basis, said.wording_id, %(source)s,
         '', '', '', %(by)s::bigint, %(now)s, %(ends)s
  FROM said
  ORDER BY said.member_id, said.topic_id
  RETURNING id, contact_id
)
SELECT DISTINCT said.person_id, written.id FROM written JOIN said ON said.member_id = written.contact_id ORDER BY 1, 2
