-- Pieces of news for machines, in their order; returns whether a webhook wants one of them.
WITH told AS (
  INSERT INTO workspaces_event (workspace_id, type, data, contact_ids, at)
  SELECT %(workspace)s::bigint, n.type, n.data::jsonb, n.contacts::bigint[], %(at)s::timestamptz
  FROM unnest(%(types)s::text[], %(data)s::text[], %(contacts)s::text[]) WITH ORDINALITY AS n (type, data, contacts, place)
  ORDER BY n.place
)
SELECT EXISTS (SELECT FROM workspaces_webhookendpoint w
               WHERE w.workspace_id = %(workspace)s::bigint AND w.disabled_at IS NULL
                 AND w.types::text[] && %(types)s::text[])
