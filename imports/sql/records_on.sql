-- What files say of these orders and visits.
SELECT r.key, r.run_id, r.line, r.contact_id, r.said FROM unnest(%(keys)s::uuid[]) AS k (key)
JOIN imports_importedrecord r ON r.workspace_id = %(workspace)s AND r.key = k.key
ORDER BY r.run_id
