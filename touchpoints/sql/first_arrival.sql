-- The first value wins; the answer holds what stands.
WITH new AS (
  INSERT INTO touchpoints_received (workspace_id, source_id, key, occurred_at)
  SELECT %(workspace)s, %(source)s, key, %(now)s FROM unnest(%(keys)s::text[]) AS k (key)
  ON CONFLICT (workspace_id, source_id, key) DO NOTHING RETURNING key, occurred_at)
SELECT key, occurred_at FROM new
UNION ALL
SELECT key, occurred_at FROM touchpoints_received
WHERE workspace_id = %(workspace)s AND source_id = %(source)s AND key = ANY(%(keys)s)
