-- Companies of these names, made where none bears one; the name of one that was merged is that of who stands for it. Returns
-- name, folded, the company, and whether it is new.
WITH named AS MATERIALIZED (
  SELECT DISTINCT ON (n.folded COLLATE "C") n.name, n.folded
  FROM unnest(%(names)s::text[], %(folds)s::text[]) AS n (name, folded)
  ORDER BY n.folded COLLATE "C"
), known AS MATERIALIZED (
  SELECT DISTINCT ON (k.folded) k.folded, coalesce(k.merged_into_id, k.id) AS id
  FROM contacts_company k
  WHERE k.workspace_id = %(workspace)s AND k.folded = ANY(%(folds)s::text[])
  ORDER BY k.folded, k.merged_into_id NULLS FIRST
), made AS (
  INSERT INTO contacts_company (workspace_id, name, folded, country, created_at)
  SELECT %(workspace)s, n.name, n.folded, '', %(now)s
  FROM named n
  WHERE NOT EXISTS (SELECT FROM known WHERE known.folded = n.folded)
  ORDER BY n.folded COLLATE "C"
  ON CONFLICT (workspace_id, folded) WHERE merged_into_id IS NULL DO UPDATE SET folded = excluded.folded
  RETURNING folded, id
)
SELECT folded, id, false FROM known UNION ALL SELECT folded, id, true FROM made
