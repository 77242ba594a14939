-- Segments look at these people again soon.
INSERT INTO segments_segmentrecheck (workspace_id, contact_ids, at)
VALUES (%(workspace)s, %(contacts)s::bigint[], %(at)s::timestamptz)
