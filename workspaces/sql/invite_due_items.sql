-- Items that are due and that nobody holds or is invited to; two ticks at once share them. An invitation may get lost
-- (a flushed Valkey): it is believed in for 15 s, then twice as long each time, for a full queue needs no more of them.
-- An item whose holder was not heard of until the end of its lease counts as free.
UPDATE workspaces_agendaitem AS item
SET leased_until = clock_timestamp() + interval '15 seconds' * 2 ^ least(invited_count, 3),
  invited_count = invited_count + 1, held_by = ''
FROM (SELECT id FROM workspaces_agendaitem
      WHERE due_at <= %(now)s AND (leased_until IS NULL OR leased_until < clock_timestamp())
      ORDER BY due_at LIMIT %(batch)s FOR UPDATE SKIP LOCKED) AS due
WHERE item.id = due.id
RETURNING item.workspace_id, item.work
