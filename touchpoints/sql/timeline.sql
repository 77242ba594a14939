-- One page of a person's touchpoints, newest first; the key (occurred_at, id) begins where the last page ended.
SELECT t.id, t.occurred_at, t.channel, t.kind, t.direction, t.actor_id, t.message_id, t.value_minor, t.currency,
  t.certainty, t.payload, t.external_id, t.sentiment_milli
FROM {facts} t
WHERE t.workspace_id = %(workspace)s AND t.contact_id = ANY(%(contacts)s) {filters}
ORDER BY t.occurred_at DESC, t.id DESC
LIMIT %(limit)s
