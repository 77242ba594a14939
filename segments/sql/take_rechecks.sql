-- Take some of the contacts that segments must look at again.
DELETE FROM segments_segmentrecheck
WHERE workspace_id = %(workspace)s
  AND contact_id IN (SELECT contact_id FROM segments_segmentrecheck WHERE workspace_id = %(workspace)s
                     ORDER BY contact_id LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
RETURNING contact_id
