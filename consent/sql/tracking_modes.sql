-- How far each contact asked for may be measured now: (contact, mode). A voice is an address, as for consent: of each
-- the word that counts (newest_about_tracking.sql), of several voices the least.
WITH asked AS MATERIALIZED (
  SELECT a.id AS asked_id, coalesce(m.survivor_id, a.id) AS id
  FROM unnest(%(contacts)s::bigint[]) AS a(id)
  LEFT JOIN contacts_merged m ON m.workspace_id = %(workspace)s AND m.loser_id = a.id
), alike AS MATERIALIZED (
  SELECT asked_id, id, id AS member_id FROM asked
  UNION ALL
  SELECT asked.asked_id, asked.id, m.loser_id
  FROM asked JOIN contacts_merged m ON m.workspace_id = %(workspace)s AND m.survivor_id = asked.id
), members AS MATERIALIZED (
  SELECT alike.asked_id, who.*, who.id IN (alike.asked_id, alike.id) AS speaks
  FROM alike
  CROSS JOIN LATERAL (SELECT p.id, p.email, p.is_profiled, p.erased_at FROM contacts_contact p
                      WHERE p.workspace_id = %(workspace)s AND p.id = alike.member_id OFFSET 0) AS who
), word AS (
  SELECT DISTINCT ON (members.asked_id, voice) members.asked_id, said.mode,
         CASE WHEN members.email <> '' THEN members.email ELSE members.id::text END AS voice
  FROM members
  CROSS JOIN LATERAL ({standing} OFFSET 0) AS said
  ORDER BY members.asked_id, voice, {newest}
)
SELECT members.asked_id, coalesce((SELECT min(word.mode) FROM word WHERE word.asked_id = members.asked_id), %(usual)s)
FROM members
GROUP BY members.asked_id
HAVING bool_and(members.is_profiled AND members.erased_at IS NULL) FILTER (WHERE members.speaks)
