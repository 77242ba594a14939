-- Which facts stand for some orders and visits from now on.
INSERT INTO imports_standingfact (workspace_id, key, part, touchpoint_id, digest)
SELECT %(workspace)s, key, part, touchpoint, digest
FROM unnest(%(keys)s::uuid[], %(parts)s::text[], %(touchpoints)s::uuid[], %(digests)s::uuid[])
  AS f (key, part, touchpoint, digest)
ORDER BY key, part
ON CONFLICT (workspace_id, key, part) DO UPDATE SET touchpoint_id = excluded.touchpoint_id, digest = excluded.digest
