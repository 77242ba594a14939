-- No fact stands for these parts of orders and visits any more.
DELETE FROM imports_standingfact f USING unnest(%(keys)s::uuid[], %(parts)s::text[]) AS g (key, part)
WHERE f.workspace_id = %(workspace)s AND f.key = g.key AND f.part = g.part
