-- The earlier moment wins; the stamp tells a running worker that something was added meanwhile.
INSERT INTO workspaces_agendaitem
  (workspace_id, work, due_at, held_by, epoch, stamp, invited_count, attempts, last_error)
VALUES (%(workspace)s, %(work)s, %(at)s, '', 0, 1, 0, 0, '')
ON CONFLICT (workspace_id, work) DO UPDATE
SET due_at = least(workspaces_agendaitem.due_at, excluded.due_at), stamp = workspaces_agendaitem.stamp + 1
