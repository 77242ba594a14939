-- Contacts that segments must look at again; visitors without a name are in no segment.
INSERT INTO segments_segmentrecheck (workspace_id, contact_id, at)
SELECT %(workspace)s, c.id, statement_timestamp()
FROM contacts_contact c
WHERE c.workspace_id = %(workspace)s AND c.id = ANY(%(ids)s) AND NOT c.is_anonymous
ORDER BY 2
ON CONFLICT DO NOTHING
RETURNING contact_id
