-- The day weights that facts bring, which may be less than nothing (corrections); who they concern. The sums follow
-- by sums_of.sql once the score rows are held.
{days}, more AS (
  INSERT INTO engagement_dayweight AS old
    (workspace_id, contact_id, kind, target, day, count, weight, added_count, added_weight)
  SELECT %(workspace)s, contact, kind, target, day, n, w, n, w FROM allowed WHERE n > 0
  ORDER BY contact, kind, target, day
  ON CONFLICT (workspace_id, contact_id, kind, target, day) DO UPDATE
  SET count = old.count + excluded.count, weight = old.weight + excluded.weight
), less AS (
  UPDATE engagement_dayweight d SET count = d.count + a.n, weight = d.weight + a.w
  FROM allowed a
  WHERE a.n <= 0 AND d.workspace_id = %(workspace)s AND d.contact_id = a.contact AND d.kind = a.kind
    AND d.target = a.target AND d.day = a.day
)
SELECT DISTINCT contact FROM allowed
