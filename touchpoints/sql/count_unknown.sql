-- Day counts of visits nobody is bound to.
INSERT INTO touchpoints_daycount
  (workspace_id, day, channel, kind, message_id, direction, slot, count, sentiment_sum, value_sum)
SELECT %(workspace)s, day, channel, kind, NULL, %(inward)s, 0, n, 0, 0
FROM unnest(%(days)s::date[], %(channels)s::smallint[], %(kinds)s::smallint[], %(counts)s::bigint[])
  AS c (day, channel, kind, n)
ON CONFLICT (workspace_id, day, channel, kind, message_id, direction, slot) DO UPDATE
SET count = touchpoints_daycount.count + excluded.count
