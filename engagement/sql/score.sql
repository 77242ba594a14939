-- A batch's facts become day weights, day weights become the differences of the ten decayed sums and of heat. Answers how
-- many models are in force (none: nothing was done), and beside it who has a score since now: under no role, for one that
-- stands keeps its own audience.
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
  SELECT s.contact_id AS contact, w.sum AS sum_no, w.half_life, (s.day - (SELECT landmark_day FROM model))::float8 AS age,
    w.weight * ({u_after} - CASE WHEN s.count = s.added_count THEN 0 ELSE {u_before} END) AS du
  FROM stored s
  JOIN weights w ON w.kind = s.kind AND w.target = s.target
), sums AS (
  SELECT contact, {slot_sums}, sum(h) AS heat
  FROM (SELECT contact, sum_no, du * {growth} AS v, du * {heat_growth} AS h FROM changed OFFSET 0) c GROUP BY contact
), touched AS (
  INSERT INTO engagement_touched (workspace_id, contact_ids, at)
  SELECT %(workspace)s, array_agg(contact ORDER BY contact), %(at)s FROM sums HAVING count(*) > 0
), due AS (
{due}
), written AS (
  INSERT INTO engagement_score (workspace_id, contact_id, version, {sum_names}, heat, audience, level, touched_at)
  SELECT %(workspace)s, contact, (SELECT version FROM model), {sum_names}, heat, %(no_role)s, %(unknown)s,
    %(at)s
  FROM sums ORDER BY contact
  ON CONFLICT (workspace_id, contact_id) DO UPDATE
  SET {added}, heat = engagement_score.heat + excluded.heat, version = excluded.version, touched_at = excluded.touched_at
  RETURNING contact_id, xmax = 0 AS is_new
)
SELECT (SELECT count(*) FROM model), w.contact_id FROM (SELECT) one LEFT JOIN written w ON w.is_new
