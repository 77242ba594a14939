-- Take these codes into a pool; one that is in any pool of the workspace already is left out. Tells how many were new.
WITH added AS (
  INSERT INTO emails_offercode (workspace_id, pool_id, code, folded, is_shared, occasion, added_at, currency, order_id)
  SELECT %(workspace)s, %(pool)s, x.code, x.folded, false, 0, %(at)s, '', ''
  FROM unnest(%(codes)s::text[], %(folded)s::text[]) AS x (code, folded)
  WHERE NOT EXISTS (SELECT FROM emails_offerpool p WHERE p.workspace_id = %(workspace)s AND p.shared_folded = x.folded)
  ON CONFLICT DO NOTHING RETURNING folded
)
SELECT folded FROM added
