-- A batch's facts become day weights, day weights become the differences of the ten decayed sums and of heat.
{days}, stored AS (
  INSERT INTO engagement_dayweight AS old
    (workspace_id, contact_id, kind, target, day, count, weight, added_count, added_weight)
  SELECT %(workspace)s, contact, kind, target, day, n, w, n, w FROM allowed ORDER BY contact, kind, target, day
  ON CONFLICT (workspace_id, contact_id, kind, target, day) DO UPDATE
  SET count = old.count + excluded.count, weight = old.weight + excluded.weight,
    added_count = excluded.count, added_weight = excluded.weight
  RETURNING contact_id, kind, target, day, count, weight, added_count, added_weight
), changed AS (
  -- u after minus u before, at the start of its day
  SELECT s.contact_id AS contact, w.sum AS sum_no, w.half_life, (s.day - %(landmark_day)s::date)::float8 AS age,
    w.weight * ({u_after} - CASE WHEN s.count = s.added_count THEN 0 ELSE {u_before} END) AS du
  FROM stored s
  JOIN weights w ON w.kind = s.kind AND w.target = s.target
), summed AS (
  SELECT contact, sum_no, sum(du * {growth}) AS v, sum(du * {heat_growth}) AS h FROM changed GROUP BY contact, sum_no
), sums AS (
  SELECT contact, {slot_sums}, sum(h) AS heat FROM summed GROUP BY contact
), heated AS (
  INSERT INTO engagement_heat (workspace_id, contact_id, heat)
  SELECT %(workspace)s, contact, heat FROM sums ORDER BY contact
  ON CONFLICT (workspace_id, contact_id) DO UPDATE SET heat = engagement_heat.heat + excluded.heat
), due AS (
  INSERT INTO engagement_fall (workspace_id, contact_id, due_at)
  SELECT %(workspace)s, contact, %(now)s FROM sums ORDER BY contact
  ON CONFLICT (workspace_id, contact_id) DO UPDATE SET due_at = excluded.due_at
  WHERE engagement_fall.due_at > excluded.due_at
)
INSERT INTO engagement_score (workspace_id, contact_id, version, {sum_names}, audience, level, touched_at)
SELECT %(workspace)s, contact, %(version)s, {sum_names}, {audience}, %(unknown)s, %(now)s FROM sums ORDER BY contact
ON CONFLICT (workspace_id, contact_id) DO UPDATE
SET {added}, version = excluded.version, touched_at = excluded.touched_at
