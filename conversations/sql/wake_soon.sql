-- These conversations are brought up to date by the agenda's next look.
UPDATE conversations_conversation SET wake_at = %(now)s
WHERE workspace_id = %(workspace)s AND id = ANY(%(these)s::bigint[])
