-- The last point of contact on each channel: found in the timeline's index alone, then looked up.
WITH newest AS (
  SELECT DISTINCT ON (t.channel) t.channel, t.occurred_at, t.id FROM touchpoints_touchpoint t
  WHERE t.workspace_id = %(workspace)s AND t.contact_id = ANY(%(contacts)s) AND NOT EXISTS (
    SELECT FROM touchpoints_correctedfact k
    WHERE k.workspace_id = %(workspace)s AND k.touchpoint_id = t.id AND k.is_deleted)
  ORDER BY t.channel, t.occurred_at DESC, t.id DESC
)
SELECT t.channel, t.occurred_at AS at, t.kind, t.actor_id FROM newest n
JOIN touchpoints_touchpoint t ON t.workspace_id = %(workspace)s AND t.id = n.id AND t.occurred_at = n.occurred_at
ORDER BY at DESC
