-- First arrivals: the first moment of each key wins. The answer holds the new ones; the others are read by
-- known_arrivals.sql, in a statement of its own, which also sees what another recorder wrote meanwhile.
INSERT INTO touchpoints_received (workspace_id, source_id, key, occurred_at, received_at)
SELECT %(workspace)s, %(source)s, key, at, %(now)s
FROM unnest(%(keys)s::text[], %(moments)s::timestamptz[]) AS k (key, at)
ON CONFLICT (workspace_id, source_id, key) DO NOTHING
RETURNING key, occurred_at
