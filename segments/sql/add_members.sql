-- These stand in the segment from now on, if they did not yet. The caller holds the segment, and whoever writes members
-- does: without ON CONFLICT, which looks into each index first, a member costs half.
INSERT INTO segments_segmentmember (workspace_id, segment_id, contact_id, entered_at)
SELECT %(workspace)s, %(segment)s, one.id, %(now)s FROM unnest(%(these)s::bigint[]) AS one (id)
WHERE NOT EXISTS (SELECT FROM segments_segmentmember k
                  WHERE k.workspace_id = %(workspace)s AND k.segment_id = %(segment)s AND k.contact_id = one.id)
{returning}
