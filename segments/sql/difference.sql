-- Bring the members of a segment in line with who fits. Returns who moved.
WITH fits AS MATERIALIZED (
{fits}
),
gone AS (
  DELETE FROM segments_segmentmember AS k
  WHERE k.workspace_id = %(workspace)s AND k.segment_id = %(r_segment)s
    AND NOT EXISTS (SELECT FROM fits WHERE fits.contact_id = k.contact_id)
  RETURNING k.contact_id
), came AS (
  INSERT INTO segments_segmentmember (workspace_id, segment_id, contact_id, entered_at)
  SELECT %(workspace)s, %(r_segment)s, fits.contact_id, %(r_now)s FROM fits
  WHERE NOT EXISTS (SELECT FROM segments_segmentmember k
                    WHERE k.workspace_id = %(workspace)s AND k.segment_id = %(r_segment)s
                      AND k.contact_id = fits.contact_id)
  ORDER BY fits.contact_id
  ON CONFLICT DO NOTHING
  RETURNING contact_id
)
SELECT true AS entered, contact_id FROM came UNION ALL SELECT false, contact_id FROM gone
