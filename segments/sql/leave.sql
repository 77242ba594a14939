-- None of these people stands in the segment beside them any more.
DELETE FROM segments_segmentmember k
USING unnest(%(segments)s::bigint[], %(these)s::bigint[]) AS n (segment_id, contact_id)
WHERE k.workspace_id = %(workspace)s AND k.segment_id = n.segment_id AND k.contact_id = n.contact_id
