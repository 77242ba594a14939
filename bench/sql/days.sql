-- What happened each day of the workspace's zone, of the ledger as it is.
SELECT workspace_id, (occurred_at AT TIME ZONE %(zone)s)::date AS day, channel, kind, message_id, direction, 0 AS slot,
  count(*) AS count, coalesce(sum(sentiment_milli), 0) AS sentiment_sum, coalesce(sum(value_minor), 0) AS value_sum
FROM touchpoints_touchpoint WHERE workspace_id = ANY(%(these)s) GROUP BY 1, 2, 3, 4, 5, 6
