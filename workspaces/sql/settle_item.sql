-- The holder gives its item back, dated anew. What was added while it worked (another stamp) keeps an earlier moment;
-- after a failure it waits all the same.
UPDATE workspaces_agendaitem
SET due_at = CASE WHEN stamp = %(stamp)s OR %(error)s <> '' THEN %(next_at)s::timestamptz
    ELSE least(due_at, %(next_at)s::timestamptz) END,
  held_by = '', leased_until = NULL, last_error = %(error)s,
  attempts = CASE WHEN %(error)s = '' THEN 0 ELSE attempts END
WHERE id = %(id)s AND epoch = %(epoch)s
RETURNING 1
