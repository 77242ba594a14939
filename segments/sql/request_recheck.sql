-- Segments must look at these contacts again, and the search too, unless their words stand.
INSERT INTO segments_segmentrecheck (workspace_id, contact_ids, words_stand, at)
VALUES (%(workspace)s, %(contacts)s::bigint[], %(stand)s, %(now)s)
