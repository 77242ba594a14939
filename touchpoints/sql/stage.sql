-- Where a batch lands before it is checked against the ledger. Nobody else reads it.
CREATE TEMPORARY TABLE IF NOT EXISTS touchpoints_stage (
  id uuid, occurred_at timestamptz, contact_id bigint, identity_id bigint, actor_id bigint, channel smallint,
  kind smallint, direction smallint, message_id bigint, sentiment_milli smallint, value_minor bigint,
  currency char(3), weight_milli int, certainty smallint, external_id text, payload jsonb
) ON COMMIT DELETE ROWS;
DELETE FROM touchpoints_stage
