-- What stood at each of these people before an action changed them: their turn is over.
UPDATE segments_bulkchange c
SET is_done = true, before = k.before
FROM jsonb_to_recordset(%(rows)s::jsonb) AS k (contact bigint, before jsonb)
WHERE c.workspace_id = %(workspace)s AND c.action_id = %(action)s AND c.contact_id = k.contact
