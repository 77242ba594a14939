-- One page of a person's touchpoints, newest first; the key (occurred_at, id) begins where the last page ended. Which
-- they are is found in the timeline's index alone, in its order (timeline_of_one.sql, for each record that is this person);
-- only these are fetched then, each in its month. Of somebody with 100,000 facts that is 131 ms less.
WITH page AS MATERIALIZED (
  SELECT t.id, t.occurred_at, t.contact_id FROM ({each}) AS t
  ORDER BY t.occurred_at DESC, t.id DESC
  LIMIT %(limit)s
)
SELECT t.id, t.occurred_at, t.channel, t.kind, t.direction, t.actor_id, t.message_id, t.value_minor, t.currency,
  t.certainty, t.payload, t.external_id, t.sentiment_milli
FROM page p
CROSS JOIN LATERAL (
  SELECT * FROM {facts} f
  WHERE f.workspace_id = %(workspace)s AND f.contact_id = p.contact_id AND f.id = p.id AND f.occurred_at = p.occurred_at
  OFFSET 0) AS t
ORDER BY t.occurred_at DESC, t.id DESC
