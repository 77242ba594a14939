-- The sums of some people as their day weights make them; nothing where they have none. Their
-- announced level stays, and they are due to be looked at. The score rows exist and are held by the caller.
WITH sums AS (
  {sums}
), touched AS (
  INSERT INTO engagement_touched (workspace_id, contact_ids, at)
  SELECT %(workspace)s, array_agg(s.contact_id), %(now)s FROM engagement_score s
  WHERE s.workspace_id = %(workspace)s AND s.contact_id = ANY(%(contacts)s::bigint[]) HAVING count(*) > 0
)
UPDATE engagement_score s SET {recounted}, heat = coalesce(n.heat, 0), version = %(version)s, touched_at = %(now)s
FROM (SELECT h.contact_id AS whose, n.* FROM engagement_score h LEFT JOIN sums n ON n.contact_id = h.contact_id
      WHERE h.workspace_id = %(workspace)s) n
WHERE s.workspace_id = %(workspace)s AND s.contact_id = n.whose
  AND s.contact_id = ANY(%(contacts)s::bigint[])
