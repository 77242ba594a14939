-- A page of a segment's members in the order of their ids.
SELECT k.contact_id FROM segments_segmentmember k
WHERE k.workspace_id = %(workspace)s AND k.segment_id = %(segment)s AND k.contact_id > %(after)s
  AND EXISTS (SELECT FROM contacts_contact c WHERE c.workspace_id = %(workspace)s AND c.id = k.contact_id
              AND c.erased_at IS NULL)
ORDER BY k.contact_id
LIMIT %(limit)s
