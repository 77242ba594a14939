-- The newest fact of each of these people, of everybody merged into them too: from the timeline's index alone.
WITH whose AS (
  SELECT one.id AS contact_id, one.id AS person_id FROM unnest(%(contacts)s::bigint[]) AS one (id)
  UNION ALL
  SELECT m.loser_id, m.survivor_id FROM contacts_merged m
  WHERE m.workspace_id = %(workspace)s AND m.survivor_id = ANY(%(contacts)s)
)
SELECT DISTINCT ON (w.person_id) w.person_id, t.occurred_at AS at, t.kind, t.channel
FROM whose w
CROSS JOIN LATERAL (
  SELECT t.occurred_at, t.kind, t.channel FROM touchpoints_touchpoint t
  WHERE t.workspace_id = %(workspace)s AND t.contact_id = w.contact_id AND NOT EXISTS (
    SELECT FROM touchpoints_correctedfact k
    WHERE k.workspace_id = %(workspace)s AND k.touchpoint_id = t.id AND k.is_deleted)
  ORDER BY t.occurred_at DESC, t.id DESC
  LIMIT 1
) AS t
ORDER BY w.person_id, t.occurred_at DESC
