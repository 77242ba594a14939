-- Segments look at these people again soon, and the work that does it is due.
WITH due AS (
{due}
)
INSERT INTO segments_segmentrecheck (workspace_id, contact_ids, at)
VALUES (%(workspace)s, %(contacts)s::bigint[], %(at)s)
