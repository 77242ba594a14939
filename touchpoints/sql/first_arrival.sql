-- The first moment of each key wins; the answer holds what stands. A key that another recorder wrote meanwhile is in
-- neither half: known_arrivals.sql reads it.
WITH new AS (
  INSERT INTO touchpoints_received (workspace_id, source_id, key, occurred_at, received_at)
  SELECT %(workspace)s, %(source)s, key, at, %(now)s
  FROM unnest(%(keys)s::text[], %(moments)s::timestamptz[]) AS k (key, at)
  ON CONFLICT (workspace_id, source_id, key) DO NOTHING RETURNING key, occurred_at)
SELECT key, occurred_at FROM new
UNION ALL
SELECT key, occurred_at FROM touchpoints_received
WHERE workspace_id = %(workspace)s AND source_id = %(source)s AND key = ANY(%(keys)s)
