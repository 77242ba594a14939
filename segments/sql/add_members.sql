-- These stand in the segment from now on, if they did not yet.
INSERT INTO segments_segmentmember (workspace_id, segment_id, contact_id, entered_at)
SELECT %(workspace)s, %(segment)s, one.id, %(now)s FROM unnest(%(these)s::bigint[]) AS one (id)
ON CONFLICT DO NOTHING
{returning}
