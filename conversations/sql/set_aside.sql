-- Sets items of a connection aside, or counts them once more; then only its newest remain.
WITH kept AS (
  INSERT INTO conversations_setaside (workspace_id, connection_id, key, digest, reason, excerpt, count, first_at, last_at)
  SELECT %(workspace)s, %(connection)s, n.key, n.digest, n.reason, n.excerpt, 1, %(now)s, %(now)s
  FROM unnest(%(keys)s::text[], %(digests)s::text[], %(reasons)s::text[], %(excerpts)s::text[])
    AS n (key, digest, reason, excerpt)
  ON CONFLICT (workspace_id, connection_id, key) DO UPDATE
  SET digest = excluded.digest, reason = excluded.reason, excerpt = excluded.excerpt, last_at = excluded.last_at,
    count = conversations_setaside.count + 1
  RETURNING id)
DELETE FROM conversations_setaside
WHERE workspace_id = %(workspace)s AND connection_id = %(connection)s AND id NOT IN (SELECT id FROM kept) AND id IN (
  SELECT id FROM conversations_setaside
  WHERE workspace_id = %(workspace)s AND connection_id = %(connection)s
  ORDER BY last_at DESC, id DESC OFFSET %(most)s)
