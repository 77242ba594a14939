-- As it was when words could not be undone yet: what migration 0004 asks, before later columns are there.
-- The words that count now become what the ledger says of these people (`people` stand for themselves): of each voice
-- the newest on a topic or on everything, of several voices the most restrictive, as newest_word.sql reads it at one
-- moment. Returns how many rows were otherwise.
WITH members AS MATERIALIZED (
  SELECT p.id AS person_id, p.id AS member_id FROM unnest(%(people)s::bigint[]) AS p (id)
  UNION ALL
  SELECT p.id, m.loser_id
  FROM unnest(%(people)s::bigint[]) AS p (id)
  JOIN contacts_merged m ON m.workspace_id = %(workspace)s AND m.survivor_id = p.id
), words AS MATERIALIZED (
  SELECT members.person_id, said.channel, said.topic_id, said.state, said.expires_at, said.at, said.id,
         CASE WHEN said.channel = ANY(%(mail_channels)s) AND who.email <> '' THEN who.email ELSE who.id::text END
           AS voice
  FROM members
  CROSS JOIN LATERAL (SELECT * FROM consent_consent k
                      WHERE k.workspace_id = %(workspace)s AND k.contact_id = members.member_id
                        AND k.state IN (%(given)s, %(withdrawn)s) OFFSET 0) AS said
  CROSS JOIN LATERAL (SELECT p.id, p.email FROM contacts_contact p
                      WHERE p.workspace_id = %(workspace)s AND p.id = members.member_id OFFSET 0) AS who
), questions AS (
  SELECT DISTINCT person_id, channel, topic_id FROM words
), newest AS (
  SELECT DISTINCT ON (q.person_id, q.channel, q.topic_id, w.voice)
    q.person_id, q.channel, q.topic_id, w.state, w.expires_at
  FROM questions q
  JOIN words w ON w.person_id = q.person_id AND w.channel = q.channel
    AND (w.topic_id IS NULL OR w.topic_id = q.topic_id)
  ORDER BY q.person_id, q.channel, q.topic_id, w.voice, w.at DESC, w.id DESC
), truth AS MATERIALIZED (
  -- A no is the greater state; yeses of several voices end with the first of them.
  SELECT person_id, channel, topic_id, max(state) AS state,
         CASE WHEN max(state) = %(given)s THEN min(expires_at) END AS expires_at
  FROM newest GROUP BY person_id, channel, topic_id
), standing AS MATERIALIZED (
  -- OFFSET 0 keeps these looks by key, where the planner would read all of a million; EXCEPT compares in one pass.
  SELECT k.* FROM members
  CROSS JOIN LATERAL (SELECT * FROM consent_consentnow n
                      WHERE n.workspace_id = %(workspace)s AND n.contact_id = members.member_id OFFSET 0) AS k
), untrue AS (
  SELECT contact_id, channel, topic_id FROM standing EXCEPT SELECT person_id, channel, topic_id FROM truth
), missing AS (
  SELECT person_id, channel, topic_id, state, expires_at FROM truth
  EXCEPT SELECT contact_id, channel, topic_id, state, expires_at FROM standing
), gone AS (
  DELETE FROM consent_consentnow k
  WHERE k.workspace_id = %(workspace)s AND k.id = ANY(ARRAY(
    SELECT standing.id FROM untrue
    JOIN standing ON standing.contact_id = untrue.contact_id AND standing.channel = untrue.channel
      AND standing.topic_id IS NOT DISTINCT FROM untrue.topic_id))
  RETURNING k.id
), kept AS (
  INSERT INTO consent_consentnow AS k (workspace_id, contact_id, channel, topic_id, state, expires_at)
  SELECT %(workspace)s, person_id, channel, topic_id, state, expires_at FROM missing
  ORDER BY person_id, channel, topic_id
  ON CONFLICT (workspace_id, contact_id, channel, topic_id) DO UPDATE
  SET state = excluded.state, expires_at = excluded.expires_at
  RETURNING k.id
)
SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM kept)
