-- Day counts of the fresh rows; sorted, so that two recorders take their locks in one order.
INSERT INTO touchpoints_daycount (workspace_id, day, channel, kind, campaign_id, direction, slot, count, sentiment_sum,
  value_sum)
SELECT %(workspace)s, (occurred_at AT TIME ZONE %(zone)s)::date AS day, channel, kind, campaign_id, direction,
  %(slot)s, count(*), coalesce(sum(sentiment_milli), 0), coalesce(sum(value_minor), 0)
FROM touchpoints_fresh
GROUP BY 2, 3, 4, 5, 6
ORDER BY 2, 3, 4, 5, 6
ON CONFLICT (workspace_id, day, channel, kind, campaign_id, direction, slot) DO UPDATE
SET count = touchpoints_daycount.count + excluded.count,
  sentiment_sum = touchpoints_daycount.sentiment_sum + excluded.sentiment_sum,
  value_sum = touchpoints_daycount.value_sum + excluded.value_sum
