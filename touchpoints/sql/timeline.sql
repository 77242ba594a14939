-- One page of a person's touchpoints, newest first; the key (occurred_at, id) begins where the last page ended. Which
-- they are is found in the timeline's index alone, and only these are fetched: of somebody with 20,000 facts the planner
-- would fetch and sort them all (110 ms).
WITH page AS MATERIALIZED (
  SELECT t.id, t.occurred_at FROM touchpoints_touchpoint t
  WHERE t.workspace_id = %(workspace)s AND t.contact_id = ANY(%(contacts)s) {filters} AND NOT EXISTS (
    SELECT FROM touchpoints_correctedfact k
    WHERE k.workspace_id = %(workspace)s AND k.touchpoint_id = t.id AND k.is_deleted)
  ORDER BY t.occurred_at DESC, t.id DESC
  LIMIT %(limit)s
)
SELECT t.id, t.occurred_at, t.channel, t.kind, t.direction, t.actor_id, t.message_id, t.value_minor, t.currency,
  t.certainty, t.payload, t.external_id, t.sentiment_milli
FROM page p
JOIN {facts} t ON t.workspace_id = %(workspace)s AND t.id = p.id AND t.occurred_at = p.occurred_at
ORDER BY t.occurred_at DESC, t.id DESC
