-- What facts bring to the day weights: one row for each person, kind, target and day, of those who may be scored.
-- CTEs to begin a statement with: `weights`, and `allowed` (contact, kind, target, day, n, w). Facts are rows with a sign
-- and, as `contact`, the person after linking.
WITH {model}weights AS MATERIALIZED (
  SELECT w.* FROM {weights} AS w (kind smallint, target smallint, weight float8, half_life float8, sum int, mode int)
), scored AS (
  -- one row per fact and target: its day, its own factor
  SELECT f.contact, f.kind, w.target, (f.occurred_at AT TIME ZONE {zone})::date AS day, f.sign, {factor} AS factor
  FROM {facts} f
  JOIN weights w ON w.kind = f.kind
  WHERE f.certainty = %(human)s AND f.weight_milli > 0
), days AS MATERIALIZED (
  SELECT contact, kind, target, day, sum(sign)::int AS n, sum(sign * factor) AS w FROM scored
  WHERE factor > 0
  GROUP BY contact, kind, target, day
), barred AS MATERIALIZED (
{barred}
), allowed AS (
  -- NOT IN stays a look-up in a hash: a join of two unknown sets was a loop within a loop (250 ms a thousand)
  SELECT * FROM days WHERE contact NOT IN (SELECT contact FROM barred)
)
