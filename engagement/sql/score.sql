-- Facts become day weights, day weights become the differences of the ten decayed sums and of heat.
WITH weights AS (
  SELECT * FROM jsonb_to_recordset(%(weights)s::jsonb)
    AS w (kind smallint, target smallint, weight float8, half_life float8, sum int, mode int)
), scored AS (
  -- one row per fact and target: its person after linking, its day, its own factor
  SELECT coalesce(m.survivor_id, f.contact_id) AS contact, f.kind, w.target,
    (f.occurred_at AT TIME ZONE %(zone)s)::date AS day,
    f.weight_milli / 1000.0::float8 * CASE w.mode
      WHEN 0 THEN 1
      WHEN 1 THEN least(4, 1 + ln(1 + greatest(0, coalesce(f.value_minor, 0)) / 100.0::float8)
                           / ln(1 + %(median)s::float8))
      WHEN 2 THEN greatest(0, coalesce(f.sentiment_milli, 0)) / 1000.0::float8
      ELSE greatest(0, -coalesce(f.sentiment_milli, 0)) / 1000.0::float8 END AS factor
  FROM {facts} f
  JOIN weights w ON w.kind = f.kind
  LEFT JOIN LATERAL (SELECT survivor_id FROM contacts_merged
    WHERE workspace_id = %(workspace)s AND loser_id = f.contact_id OFFSET 0) m ON true
  WHERE f.certainty = 0 AND f.weight_milli > 0
), days AS (
  SELECT contact, kind, target, day, count(*)::int AS n, sum(factor) AS w FROM scored
  WHERE factor > 0
  GROUP BY contact, kind, target, day
), allowed AS (
  SELECT d.* FROM days d
  JOIN contacts_contact c ON c.workspace_id = %(workspace)s AND c.id = d.contact AND c.is_profiled
    AND c.erased_at IS NULL
  WHERE %(score_employees)s OR NOT EXISTS (
    SELECT 1 FROM contacts_audiencerole r WHERE r.workspace_id = %(workspace)s AND r.contact_id = d.contact
      AND r.role = 4 AND r.until IS NULL)
), stored AS (
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
    w.weight * (s.weight / s.count * least(3, ln((1 + s.count)::float8) / 0.6931471805599453)
      - CASE WHEN s.count = s.added_count THEN 0 ELSE (s.weight - s.added_weight) / (s.count - s.added_count)
          * least(3, ln((1 + s.count - s.added_count)::float8) / 0.6931471805599453) END) AS du
  FROM stored s
  JOIN weights w ON w.kind = s.kind AND w.target = s.target
), summed AS (
  SELECT contact, sum_no, sum(du * power(2::float8, greatest(-1000, least(1000, age / half_life)))) AS v,
    sum(du * power(2::float8, greatest(-1000, least(1000, age / %(heat_half_life)s::float8)))) AS h
  FROM changed GROUP BY contact, sum_no
), sums AS (
  SELECT contact, {slot_sums}, sum(h) AS heat FROM summed GROUP BY contact
), heated AS (
  INSERT INTO engagement_heat (workspace_id, contact_id, heat)
  SELECT %(workspace)s, contact, heat FROM sums ORDER BY contact
  ON CONFLICT (workspace_id, contact_id) DO UPDATE SET heat = {heat_conflict}
), due AS (
  INSERT INTO engagement_fall (workspace_id, contact_id, due_at)
  SELECT %(workspace)s, contact, statement_timestamp() FROM sums ORDER BY contact
  ON CONFLICT (workspace_id, contact_id) DO UPDATE SET due_at = excluded.due_at
  WHERE engagement_fall.due_at > excluded.due_at
)
INSERT INTO engagement_score (workspace_id, contact_id, version, {sum_names}, level, touched_at)
SELECT %(workspace)s, contact, %(version)s, {sum_names}, 0, statement_timestamp() FROM sums ORDER BY contact
ON CONFLICT (workspace_id, contact_id) DO UPDATE
SET {on_conflict}, version = excluded.version, touched_at = excluded.touched_at
