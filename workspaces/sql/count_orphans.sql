-- How many rows of a derived table refer to a row that is gone.
SELECT count(*) FROM {table} k
WHERE k.workspace_id = %(workspace)s AND k.{column} IS NOT NULL
  AND NOT EXISTS (SELECT FROM {target} p WHERE p.workspace_id = %(workspace)s AND p.id = k.{column})
