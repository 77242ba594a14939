-- A score row for each of these people who has day weights.
INSERT INTO engagement_score (workspace_id, contact_id, version, {sum_names}, audience, level, touched_at)
SELECT %(workspace)s, d.contact_id, %(version)s, {zeros}, {audience}, %(unknown)s, %(now)s::timestamptz
FROM (SELECT DISTINCT contact_id FROM engagement_dayweight
      WHERE workspace_id = %(workspace)s AND contact_id = ANY(%(contacts)s::bigint[])) d
ORDER BY d.contact_id
ON CONFLICT DO NOTHING
