-- Lease the items that are due and free; two ticks at once share them.
UPDATE workspaces_agendaitem AS item
SET leased_until = %(until)s, attempts = attempts + 1
FROM (SELECT id FROM workspaces_agendaitem
      WHERE due_at <= %(now)s AND (leased_until IS NULL OR leased_until < %(now)s)
      ORDER BY due_at LIMIT %(batch)s FOR UPDATE SKIP LOCKED) AS due
WHERE item.id = due.id
RETURNING item.workspace_id, item.work
