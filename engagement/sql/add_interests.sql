-- A batch's facts become counts of days, counts the differences of the sums: one addition each, in any order.
WITH spoken AS (
  SELECT contact, tag, kind, day, count(*)::int AS n FROM ({spoken}) AS s GROUP BY 1, 2, 3, 4
), stored AS (
  INSERT INTO engagement_interestday AS old (workspace_id, contact_id, tag_id, kind, day, count, added)
  SELECT %(workspace)s, contact, tag, kind, day, n, n FROM spoken ORDER BY contact, tag, kind, day
  ON CONFLICT (workspace_id, contact_id, tag_id, kind, day) DO UPDATE
  SET count = old.count + excluded.count, added = excluded.count
  RETURNING contact_id, tag_id, kind, day, count, added
), summed AS (
  SELECT contact_id, tag_id,
    sum(({u_after} - CASE WHEN d.count = d.added THEN 0 ELSE {u_before} END) * {growth}) AS v
  FROM stored d GROUP BY 1, 2
)
INSERT INTO engagement_interest AS old (workspace_id, contact_id, tag_id, sum, said)
SELECT %(workspace)s, contact_id, tag_id, v, 0 FROM summed ORDER BY contact_id, tag_id
ON CONFLICT (workspace_id, contact_id, tag_id) DO UPDATE SET sum = old.sum + excluded.sum
