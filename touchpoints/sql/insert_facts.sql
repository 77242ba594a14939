-- Facts from the stage into the ledger, in the order of their people, whom the foreign key holds: whoever holds some of
-- them in that order, too, waits and is not caught. Those that were there already are left out, and left out of the answer.
INSERT INTO touchpoints_touchpoint (workspace_id, id, occurred_at, received_at, contact_id, identity_id, actor_id,
  channel, kind, direction, source_id, message_id, sentiment_milli, value_minor, currency, weight_milli, certainty,
  external_id, payload)
SELECT %(workspace)s, id, occurred_at, %(received)s, contact_id, identity_id, actor_id, channel, kind, direction,
  %(source)s, message_id, sentiment_milli, value_minor, currency, weight_milli, certainty, external_id, payload
FROM touchpoints_stage ORDER BY contact_id
ON CONFLICT DO NOTHING
RETURNING id
