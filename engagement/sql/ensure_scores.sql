-- A score row for each of these people who has day weights.
INSERT INTO engagement_score (workspace_id, contact_id, version, {sum_names}, level, touched_at)
SELECT DISTINCT %(workspace)s, d.contact_id, %(version)s, {zeros}, %(unknown)s, %(now)s::timestamptz
FROM engagement_dayweight d
WHERE d.workspace_id = %(workspace)s
  AND d.contact_id = ANY(%(contacts)s::bigint[])
ORDER BY d.contact_id
ON CONFLICT DO NOTHING
