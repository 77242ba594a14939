-- Segments look at these people again soon, and the search too, unless their words stand; the work that does it is due.
WITH due AS (
{due}
)
INSERT INTO segments_segmentrecheck (workspace_id, contact_ids, words_stand, at)
VALUES (%(workspace)s, %(contacts)s::bigint[], %(stand)s, %(at)s)
