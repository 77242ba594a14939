-- The holder's heartbeat: 30 s more. No row: the item was taken over.
UPDATE workspaces_agendaitem SET leased_until = clock_timestamp() + interval '30 seconds'
WHERE id = %(id)s AND epoch = %(epoch)s AND held_by = %(by)s
RETURNING 1
