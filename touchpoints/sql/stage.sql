-- Where a batch lands before it is checked against the ledger, and where its new rows stand for those who count.
CREATE TEMPORARY TABLE IF NOT EXISTS touchpoints_stage (
  id uuid, occurred_at timestamptz, contact_id bigint, identity_id bigint, actor_id bigint, channel smallint,
  kind smallint, direction smallint, campaign_id bigint, sentiment_milli smallint, value_minor bigint,
  currency char(3), weight_milli int, certainty smallint, external_id text, payload jsonb
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS touchpoints_fresh (
  id uuid, occurred_at timestamptz, contact_id bigint, channel smallint, kind smallint, direction smallint,
  campaign_id bigint, sentiment_milli smallint, value_minor bigint, weight_milli int, certainty smallint
) ON COMMIT DELETE ROWS;
DELETE FROM touchpoints_stage;
DELETE FROM touchpoints_fresh
