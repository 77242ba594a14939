-- The people whom an action means, as they are on the list now.
INSERT INTO segments_bulkchange (workspace_id, action_id, contact_id, is_done)
SELECT %(workspace)s, %(action)s, one.id, false FROM unnest(%(contacts)s::bigint[]) AS one (id)
ON CONFLICT DO NOTHING
