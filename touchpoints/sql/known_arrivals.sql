-- The moments of keys that somebody else has just written.
SELECT key, occurred_at FROM touchpoints_received
WHERE workspace_id = %(workspace)s AND source_id = %(source)s AND key = ANY(%(keys)s)
