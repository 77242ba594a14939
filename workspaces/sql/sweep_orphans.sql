-- Rows of a derived table that refer to a row that is gone go, too.
DELETE FROM {table} k
WHERE k.workspace_id = %(workspace)s AND k.{column} IS NOT NULL
  AND NOT EXISTS (SELECT FROM {target} p WHERE p.workspace_id = %(workspace)s AND p.id = k.{column})
RETURNING 1
