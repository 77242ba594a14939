-- Put contacts on a list; who stands there already, or is not this workspace's, is left alone. Returns who came.
INSERT INTO segments_segmentpick (workspace_id, segment_id, contact_id, picked_at, picked_by_id)
SELECT %(workspace)s, %(segment)s, c.id, %(now)s, %(by)s
FROM contacts_contact c
WHERE c.workspace_id = %(workspace)s AND c.id = ANY(%(contacts)s) AND c.erased_at IS NULL
ORDER BY c.id
ON CONFLICT DO NOTHING
RETURNING contact_id
