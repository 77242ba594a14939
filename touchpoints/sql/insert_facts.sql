-- Facts from the stage into the ledger; those that were there already are left out, and left out of the answer.
WITH new AS (
  INSERT INTO touchpoints_touchpoint (workspace_id, id, occurred_at, received_at, contact_id, identity_id, actor_id,
    channel, kind, direction, source_id, campaign_id, sentiment_milli, value_minor, currency, weight_milli, certainty,
    external_id, payload)
  SELECT %(workspace)s, id, occurred_at, %(received)s, contact_id, identity_id, actor_id, channel, kind, direction,
    %(source)s, campaign_id, sentiment_milli, value_minor, currency, weight_milli, certainty, external_id, payload
  FROM touchpoints_stage
  ON CONFLICT DO NOTHING
  RETURNING id, occurred_at, contact_id, channel, kind, direction, campaign_id, sentiment_milli, value_minor,
    weight_milli, certainty
), kept AS (
  INSERT INTO touchpoints_fresh SELECT * FROM new RETURNING id, contact_id
)
SELECT id, contact_id FROM kept
