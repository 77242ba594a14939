-- Ten sums of everybody as they stood at the start of a day, from the day weights before it, seen from the landmark.
WITH weights AS (
  SELECT * FROM jsonb_to_recordset(%(weights)s::jsonb)
    AS w (kind smallint, target smallint, weight float8, half_life float8, sum int, mode int)
), u AS (
  SELECT d.contact_id, w.sum AS sum_no,
    sum(w.weight * d.weight / d.count * least(3, ln((1 + d.count)::float8) / 0.6931471805599453)
      * power(2::float8, greatest(-1000, least(1000, (d.day - %(landmark_day)s::date)::float8 / w.half_life)))) AS v
  FROM engagement_dayweight d
  JOIN weights w ON w.kind = d.kind AND w.target = d.target
  WHERE d.workspace_id = %(workspace)s AND d.day < %(day)s::date
  GROUP BY d.contact_id, w.sum
), s AS (
  SELECT contact_id, {slot_sums} FROM u GROUP BY contact_id
)
SELECT s.contact_id, coalesce(a.role, 2), 0, NULL::float8,
  s.involvement_short, s.involvement_long, s.interaction_short, s.interaction_long, s.warm_short, s.warm_long,
  s.cold_short, s.cold_long, s.influence_short, s.influence_long
FROM s
LEFT JOIN LATERAL (
  SELECT r.role FROM contacts_audiencerole r
  WHERE r.workspace_id = %(workspace)s AND r.contact_id = s.contact_id AND r.until IS NULL
  ORDER BY array_position('{1,4,3,5,2}'::smallint[], r.role) LIMIT 1) a ON true
