-- The sums of some people as their day weights make them; nothing where they have none. Their
-- announced level stays, and they are due to be looked at. The score rows exist and are held by the caller.
WITH sums AS (
  {sums}
), heated AS (
  INSERT INTO engagement_heat (workspace_id, contact_id, heat)
  SELECT %(workspace)s, s.contact_id, coalesce(n.heat, 0)
  FROM engagement_score s LEFT JOIN sums n ON n.contact_id = s.contact_id
  WHERE s.workspace_id = %(workspace)s
    AND s.contact_id = ANY(%(contacts)s::bigint[])
  ORDER BY s.contact_id
  ON CONFLICT (workspace_id, contact_id) DO UPDATE SET heat = excluded.heat
), due AS (
  INSERT INTO engagement_fall (workspace_id, contact_id, due_at)
  SELECT %(workspace)s, s.contact_id, %(now)s FROM engagement_score s
  WHERE s.workspace_id = %(workspace)s
    AND s.contact_id = ANY(%(contacts)s::bigint[])
  ORDER BY s.contact_id
  ON CONFLICT (workspace_id, contact_id) DO UPDATE SET due_at = excluded.due_at
  WHERE engagement_fall.due_at > excluded.due_at
)
UPDATE engagement_score s SET {recounted}, version = %(version)s, touched_at = %(now)s
FROM (SELECT h.contact_id AS whose, n.* FROM engagement_score h LEFT JOIN sums n ON n.contact_id = h.contact_id
      WHERE h.workspace_id = %(workspace)s) n
WHERE s.workspace_id = %(workspace)s AND s.contact_id = n.whose
  AND s.contact_id = ANY(%(contacts)s::bigint[])
