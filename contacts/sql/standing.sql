-- What the gate must know about each person asked for, for one purpose on one channel: one row each.
-- The hashes are computed in a step of their own, so that the join with the do-not-contact list is a plain comparison
-- and may use its index under row security. OFFSET 0 keeps each look at a person a look by key: with many people in
-- the workspace the planner reads whole tables otherwise (49 ms instead of 26 for 1,000 of 80,000, on a busy machine).
WITH asked AS MATERIALIZED (
  SELECT a.id AS asked_id, coalesce(m.survivor_id, a.id) AS id
  FROM (/*people*/) AS a(id)
  LEFT JOIN contacts_merged m ON m.workspace_id = %(workspace)s AND m.loser_id = a.id
), alike AS MATERIALIZED (
  SELECT asked_id, id, id AS member_id FROM asked
  UNION ALL
  SELECT asked.asked_id, asked.id, m.loser_id
  FROM asked JOIN contacts_merged m ON m.workspace_id = %(workspace)s AND m.survivor_id = asked.id
), mains AS MATERIALIZED (
  SELECT asked.asked_id, c.id, c.erased_at, c.talk, c.dial, c.paused_until, c.complaint_since, c.zone,
         CASE WHEN %(kind)s = 2 THEN c.email
              ELSE coalesce((SELECT min(i.value COLLATE "C") FROM contacts_identity i
                             WHERE i.workspace_id = %(workspace)s AND i.contact_id = c.id AND i.kind = %(kind)s), '')
         END AS address
  FROM asked
  CROSS JOIN LATERAL (SELECT * FROM contacts_contact p
                      WHERE p.workspace_id = %(workspace)s AND p.id = asked.id OFFSET 0) AS c
), addresses AS MATERIALIZED (
  SELECT asked_id, value,
         encode(substr(sha256(%(outer_pad)s::bytea || sha256(%(inner_pad)s::bytea || convert_to(value, 'UTF8'))), 1, 16),
                'hex') AS hidden
  FROM (SELECT alike.asked_id, i.value
        FROM alike
        CROSS JOIN LATERAL (SELECT held.value FROM contacts_identity held
                            WHERE held.workspace_id = %(workspace)s AND held.contact_id = alike.member_id
                              AND held.kind = %(kind)s OFFSET 0) AS i
        UNION
        SELECT alike.asked_id, c.email
        FROM alike
        CROSS JOIN LATERAL (SELECT p.email FROM contacts_contact p
                            WHERE p.workspace_id = %(workspace)s AND p.id = alike.member_id OFFSET 0) AS c
        WHERE %(kind)s = 2 AND c.email <> '') AS one
), stops AS (
  SELECT addresses.asked_id,
         max(s.at) FILTER (WHERE s.reason = 'complaint') AS complaint_at,
         max(s.at) FILTER (WHERE s.reason = 'bounce' AND addresses.value = mains.address) AS bounce_at,
         max(s.at) FILTER (WHERE s.reason = 'objection') AS objection_at,
         max(s.at) FILTER (WHERE s.reason = 'manual') AS blocked_at,
         max(s.at) FILTER (WHERE s.reason = 'erased') AS forgotten_at
  FROM addresses
  JOIN mains ON mains.asked_id = addresses.asked_id
  JOIN contacts_suppression s
    ON s.workspace_id = %(workspace)s AND s.channel = %(channel)s AND s.address_hash = addresses.hidden
  WHERE s.lifted_at IS NULL
  GROUP BY addresses.asked_id
), words AS (  -- the newest word said from each address; people merged from several have several
  SELECT DISTINCT ON (alike.asked_id, speaker.voice)
         alike.asked_id, k.state, k.topic_id, k.basis, k.source, k.at, k.id,
         k.state = 1 AND coalesce(k.expires_at <= %(now)s, false) AS lapsed
  FROM alike
  CROSS JOIN LATERAL (SELECT p.id, p.email FROM contacts_contact p
                      WHERE p.workspace_id = %(workspace)s AND p.id = alike.member_id OFFSET 0) AS c
  CROSS JOIN LATERAL (SELECT CASE WHEN %(kind)s = 2 AND c.email <> '' THEN c.email ELSE c.id::text END AS voice) speaker
  CROSS JOIN LATERAL (SELECT * FROM contacts_consent said
                      WHERE said.workspace_id = %(workspace)s AND said.contact_id = alike.member_id
                        AND said.channel = %(channel)s AND said.state IN (1, 2)
                        AND (said.topic_id IS NULL OR said.topic_id = %(topic)s) OFFSET 0) AS k
  ORDER BY alike.asked_id, speaker.voice, k.at DESC, k.id DESC
), word AS (  -- of several the most restrictive counts
  SELECT DISTINCT ON (asked_id) * FROM words ORDER BY asked_id, state DESC, lapsed DESC, at DESC, id DESC
)
SELECT mains.asked_id, mains.id, %(channel)s::int AS channel, mains.address, mains.erased_at, mains.talk, mains.dial, mains.paused_until,
       mains.complaint_since, mains.zone,
       stops.complaint_at, stops.bounce_at, stops.objection_at, stops.blocked_at, stops.forgotten_at,
       word.state AS word_state, word.topic_id AS word_topic_id, word.basis AS word_basis,
       word.source AS word_source, word.at AS word_at, coalesce(word.lapsed, false) AS word_lapsed
FROM mains
LEFT JOIN stops ON stops.asked_id = mains.asked_id
LEFT JOIN word ON word.asked_id = mains.asked_id
