-- Nobody stands in the segment but these.
DELETE FROM segments_segmentmember AS k
WHERE k.workspace_id = %(workspace)s AND k.segment_id = %(segment)s
  AND NOT EXISTS (SELECT FROM unnest(%(these)s::bigint[]) AS one (id) WHERE one.id = k.contact_id)
RETURNING k.contact_id
