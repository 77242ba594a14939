-- Each event that is to be seen and has no place yet gets the next one, in the order of ids. Places come from the
-- sequence of the ids, so that they go on where they were when the log was emptied.
UPDATE workspaces_event e SET position = placed.position
FROM (SELECT waiting.id, nextval(pg_get_serial_sequence('workspaces_event', 'id')) AS position
      FROM (SELECT w.id FROM workspaces_event w
            WHERE w.workspace_id = %(workspace)s AND w.position IS NULL ORDER BY w.id) AS waiting) AS placed
WHERE e.workspace_id = %(workspace)s AND e.id = placed.id
