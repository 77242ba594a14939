-- The holder's heartbeat: 30 s more; work that has lived for a beat is none that ends its worker at once, so a death now
-- will not count as one more of a row. No row: the item was taken over.
UPDATE workspaces_agendaitem
SET leased_until = clock_timestamp() + interval '30 seconds', attempts = least(attempts, 2)
WHERE id = %(id)s AND epoch = %(epoch)s AND held_by = %(by)s
RETURNING 1
