-- Hold an item that is due and that nobody holds, for 30 s of the database's clock; the epoch fences former holders.
UPDATE workspaces_agendaitem
SET held_by = %(by)s, leased_until = clock_timestamp() + interval '30 seconds', epoch = epoch + 1,
  attempts = attempts + 1, invited_count = 0
WHERE workspace_id = %(workspace)s AND work = %(work)s AND due_at <= %(now)s
  AND (held_by = '' OR leased_until < clock_timestamp())
RETURNING id, epoch, stamp, attempts
