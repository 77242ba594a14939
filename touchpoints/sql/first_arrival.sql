-- First arrivals: the first moment of each key wins. Answers how many were new; where not all were, known_arrivals.sql reads
-- them, in a statement of its own, which also sees what another recorder wrote meanwhile.
WITH added AS (
  INSERT INTO touchpoints_received (workspace_id, source_id, key, occurred_at, received_at)
  SELECT %(workspace)s, %(source)s, key, to_timestamp(ms / 1000.0::float8), %(now)s::timestamptz
  FROM unnest(%(keys)s::text[], %(ms)s::bigint[]) AS k (key, ms)
  ON CONFLICT (workspace_id, source_id, key) DO NOTHING
  RETURNING 1
)
SELECT count(*) FROM added
