-- The ledger as it stands now: corrections applied, what was deleted left out. For FROM, under any alias; the reader
-- adds its own conditions on workspace_id, contact_id, kind and occurred_at, which reach the indexes through it.
(SELECT t.workspace_id, t.id, t.occurred_at, t.contact_id, t.actor_id, t.channel, t.kind, t.direction, t.source_id,
   t.message_id, t.currency, t.weight_milli, t.external_id, t.payload,
   CASE WHEN k.id IS NULL THEN t.sentiment_milli ELSE k.sentiment_milli END AS sentiment_milli,
   CASE WHEN k.id IS NULL THEN t.value_minor ELSE k.value_minor END AS value_minor,
   coalesce(k.certainty, t.certainty) AS certainty
 FROM touchpoints_touchpoint t
 LEFT JOIN touchpoints_correctedfact k ON k.workspace_id = t.workspace_id AND k.touchpoint_id = t.id
 WHERE k.is_deleted IS NOT TRUE)
