-- Every event behind a webhook's place that it wants is to be delivered to it; its place is the end of the log then.
WITH wanting AS MATERIALIZED (
  SELECT w.id, w.types, w.position FROM workspaces_webhookendpoint w
  WHERE w.workspace_id = %(workspace)s AND w.disabled_at IS NULL
  FOR UPDATE
), newest AS (
  SELECT max(e.position) AS position FROM workspaces_event e WHERE e.workspace_id = %(workspace)s
), planned AS (
  INSERT INTO workspaces_webhookdelivery (workspace_id, endpoint_id, event_id, state, attempts, due_at, error)
  SELECT %(workspace)s, w.id, e.id, %(waiting)s, 0, %(now)s, ''
  FROM wanting w
  JOIN workspaces_event e ON e.workspace_id = %(workspace)s AND e.position > w.position AND e.type = ANY(w.types)
  ORDER BY e.position
  ON CONFLICT (workspace_id, endpoint_id, event_id) DO NOTHING
)
UPDATE workspaces_webhookendpoint w SET position = newest.position
FROM wanting, newest
WHERE w.workspace_id = %(workspace)s AND w.id = wanting.id AND newest.position > w.position
