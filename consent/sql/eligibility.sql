-- What the gate must know about each person asked for, for one purpose on one channel: one row each.
-- People, their words and their addresses are looked up by arrays of keys, each in one walk through an index: those of a
-- chunk mostly stand on the same pages. OFFSET 0 keeps these walks as they are, or the planner reads whole tables where
-- there are many people. It must know, too, that many are asked for, or it takes each walk once a person (1.2 s for
-- 1,000): of generate_subscripts it expects a thousand, of unnest ten, and a LEFT JOIN leaves it no hope for fewer.
WITH asked AS MATERIALIZED (
  SELECT a.id AS asked_id, coalesce(m.survivor_id, a.id) AS id
  FROM (SELECT (%(ids)s::bigint[])[n] AS id FROM generate_subscripts(%(ids)s::bigint[], 1) AS n) AS a
  LEFT JOIN (SELECT loser_id, survivor_id FROM contacts_merged
             WHERE workspace_id = %(workspace)s AND loser_id = ANY(%(ids)s::bigint[]) OFFSET 0) AS m ON m.loser_id = a.id
), alike AS MATERIALIZED (
  SELECT asked_id, id, id AS member_id FROM asked
  UNION ALL
  SELECT asked.asked_id, asked.id, m.loser_id
  FROM asked
  JOIN (SELECT loser_id, survivor_id FROM contacts_merged
        WHERE workspace_id = %(workspace)s AND survivor_id = ANY(ARRAY(SELECT id FROM asked)) OFFSET 0) AS m
    ON m.survivor_id = asked.id
), members AS MATERIALIZED (
  SELECT alike.asked_id, alike.id = alike.member_id AS is_main, p.*
  FROM alike
  LEFT JOIN (SELECT c.id, c.email, c.erased_at, c.dialogue_mode, c.contact_frequency, c.paused_until,
                    c.complaint_since, c.zone, c.country, c.city
             FROM contacts_contact c
             WHERE c.workspace_id = %(workspace)s AND c.id = ANY(ARRAY(SELECT member_id FROM alike)) OFFSET 0) AS p
    ON p.id = alike.member_id
), mains AS MATERIALIZED (
  SELECT c.*,
         CASE WHEN %(kind)s = %(email_kind)s THEN c.email
              WHEN %(channel)s::int = %(postal_channel)s THEN {postal}
              ELSE coalesce((SELECT one.value FROM ({primary}) AS one), '')
         END AS address
  FROM members c
  WHERE c.is_main AND c.id IS NOT NULL
), stopped AS MATERIALIZED ({stopped}
), stops AS (
  SELECT stopped.person_id,
         max(stopped.at) FILTER (WHERE stopped.reason = 'complaint') AS complaint_at,
         max(stopped.at) FILTER (WHERE stopped.reason = 'bounce' AND stopped.value = mains.address) AS bounce_at,
         max(stopped.at) FILTER (WHERE stopped.reason = 'objection') AS objection_at,
         max(stopped.at) FILTER (WHERE stopped.reason = 'manual') AS blocked_at,
         max(stopped.at) FILTER (WHERE stopped.reason = 'erased') AS forgotten_at,
         max(stopped.ends_at) FILTER (WHERE stopped.reason = 'bouncing' AND stopped.value = mains.address) AS held_until
  FROM stopped
  JOIN mains ON mains.asked_id = stopped.person_id
  GROUP BY stopped.person_id
), word AS ({newest_word}
)
SELECT mains.asked_id, mains.id, %(channel)s::int AS channel, mains.address, mains.erased_at, mains.dialogue_mode,
       mains.contact_frequency, mains.paused_until, mains.complaint_since, mains.zone,
       stops.complaint_at, stops.bounce_at, stops.objection_at, stops.blocked_at, stops.forgotten_at,
       word.id AS word_id, word.state AS word_state, word.topic_id AS word_topic_id, word.basis AS word_basis,
       word.source AS word_source, word.at AS word_at, coalesce(word.lapsed, false) AS word_lapsed,
       mains.country, stops.held_until
FROM mains
LEFT JOIN stops ON stops.person_id = mains.asked_id
LEFT JOIN word ON word.person_id = mains.asked_id
