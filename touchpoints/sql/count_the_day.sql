-- Day counts of some rows; sorted, so that two recorders take their locks in one order.
INSERT INTO touchpoints_daycount (workspace_id, day, channel, kind, message_id, direction, slot, count, sentiment_sum,
  value_sum)
SELECT %(workspace)s, (r.occurred_at AT TIME ZONE %(zone)s)::date AS day, r.channel, r.kind, r.message_id, r.direction,
  %(slot)s, sum(r.sign), coalesce(sum(r.sign * r.sentiment_milli), 0), coalesce(sum(r.sign * r.value_minor), 0)
FROM {rows} r
GROUP BY 2, 3, 4, 5, 6
HAVING sum(r.sign) <> 0 OR coalesce(sum(r.sign * r.sentiment_milli), 0) <> 0
  OR coalesce(sum(r.sign * r.value_minor), 0) <> 0
ORDER BY 2, 3, 4, 5, 6
ON CONFLICT (workspace_id, day, channel, kind, message_id, direction, slot) DO UPDATE
SET count = touchpoints_daycount.count + excluded.count,
  sentiment_sum = touchpoints_daycount.sentiment_sum + excluded.sentiment_sum,
  value_sum = touchpoints_daycount.value_sum + excluded.value_sum
