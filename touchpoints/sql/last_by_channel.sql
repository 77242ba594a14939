-- The last point of contact on each channel.
SELECT channel, at, kind, actor_id FROM unnest(%(channels)s::smallint[]) AS c (channel)
CROSS JOIN LATERAL (
  SELECT t.occurred_at AS at, t.kind, t.actor_id FROM {facts} t
  WHERE t.workspace_id = %(workspace)s AND t.contact_id = ANY(%(contacts)s) AND t.channel = c.channel
  ORDER BY t.occurred_at DESC, t.id DESC LIMIT 1) AS last
ORDER BY at DESC
