-- Some contacts, who stands for them, and all that are linked to those: one row each.
WITH asked AS (
  SELECT a.id, coalesce(m.survivor_id, a.id) AS survivor FROM unnest(%(ids)s::bigint[]) AS a (id)
  LEFT JOIN contacts_merged m ON m.workspace_id = %(workspace)s AND m.loser_id = a.id
)
SELECT id FROM asked
UNION SELECT survivor FROM asked
UNION SELECT m.loser_id FROM contacts_merged m
WHERE m.workspace_id = %(workspace)s AND m.survivor_id IN (SELECT survivor FROM asked)
ORDER BY 1
