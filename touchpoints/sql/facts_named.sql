-- Some facts as they stand now, deleted ones too. The moment says in which month to look.
SELECT t.id, t.occurred_at, t.contact_id, t.channel, t.kind, t.direction, t.message_id,
  CASE WHEN k.id IS NULL THEN t.sentiment_milli ELSE k.sentiment_milli END AS sentiment_milli,
  CASE WHEN k.id IS NULL THEN t.value_minor ELSE k.value_minor END AS value_minor,
  t.weight_milli, coalesce(k.certainty, t.certainty) AS certainty, coalesce(k.is_deleted, false)::int AS is_deleted
FROM (SELECT DISTINCT id, at FROM unnest(%(ids)s::uuid[], %(moments)s::timestamptz[]) AS n (id, at)) n
JOIN touchpoints_touchpoint t ON t.workspace_id = %(workspace)s AND t.id = n.id AND t.occurred_at = n.at
LEFT JOIN touchpoints_correctedfact k ON k.workspace_id = t.workspace_id AND k.touchpoint_id = t.id
