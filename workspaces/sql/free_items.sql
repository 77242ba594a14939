-- Give back what dead processes held. Work that has killed its worker again and again comes back later each time.
UPDATE workspaces_agendaitem
SET held_by = '', leased_until = NULL, due_at = CASE WHEN attempts > 5
    THEN greatest(due_at, %(now)s::timestamptz + interval '30 seconds' * least(attempts - 5, 20)) ELSE due_at END,
  last_error = 'the worker ended in the middle of it'
WHERE held_by = ANY(%(gone)s)
RETURNING workspace_id, work, attempts
