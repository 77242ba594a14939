-- The model in force, as CTE to begin with.
model AS MATERIALIZED (
  SELECT version, weights, zone, greatest(1.0, median_value_minor / 100.0::float8) AS median,
    (landmark AT TIME ZONE zone)::date AS landmark_day
  FROM engagement_scoremodel WHERE workspace_id = %(workspace)s AND is_current
)