-- Whose place in some segments is another than it was: who fits and does not stand there yet, who stands there and fits no
-- more. `answers` are booleans over `l`, one for each segment, in order.
{steps}, fits AS (
  SELECT r.segment_id, l.contact_id
  FROM {looked} l CROSS JOIN LATERAL unnest(%(r_segments)s::bigint[], ARRAY[{answers}]) AS r (segment_id, fits)
  WHERE r.fits
), stands AS (
  SELECT k.segment_id, k.contact_id FROM segments_segmentmember k
  WHERE k.workspace_id = %(workspace)s AND k.segment_id = ANY(%(r_segments)s) AND k.contact_id = ANY(%(r_these)s)
)
SELECT coalesce(f.segment_id, s.segment_id), coalesce(f.contact_id, s.contact_id), s.contact_id IS NULL
FROM fits f FULL JOIN stands s ON s.segment_id = f.segment_id AND s.contact_id = f.contact_id
WHERE f.contact_id IS NULL OR s.contact_id IS NULL
