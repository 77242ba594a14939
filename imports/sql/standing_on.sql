-- Which facts stand for these orders and visits.
SELECT f.key, f.part, f.touchpoint_id, f.digest FROM unnest(%(keys)s::uuid[]) AS k (key)
JOIN imports_standingfact f ON f.workspace_id = %(workspace)s AND f.key = k.key
