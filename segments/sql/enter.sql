-- Each of these people stands in the segment beside them from now on.
INSERT INTO segments_segmentmember (workspace_id, segment_id, contact_id, entered_at)
SELECT %(workspace)s, n.segment_id, n.contact_id, %(now)s
FROM unnest(%(segments)s::bigint[], %(these)s::bigint[]) AS n (segment_id, contact_id)
ON CONFLICT DO NOTHING
