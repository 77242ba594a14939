-- Take the oldest touched people, as many rows as hold about `limit` of them, and those whose level time alone can change
-- now; each once, in the order of ids.
WITH these AS (
  SELECT id FROM (
    SELECT id, sum(cardinality(contact_ids)) OVER (ORDER BY id) - cardinality(contact_ids) AS before
    FROM (SELECT id, contact_ids FROM engagement_touched WHERE workspace_id = %(workspace)s
          ORDER BY id LIMIT %(limit)s) oldest) counted
  WHERE before < %(limit)s
), taken AS (
  DELETE FROM engagement_touched WHERE workspace_id = %(workspace)s AND id IN (SELECT id FROM these)
  RETURNING contact_ids
)
SELECT unnest(contact_ids) FROM taken
UNION (SELECT contact_id FROM engagement_fall WHERE workspace_id = %(workspace)s AND due_at <= %(now)s
       ORDER BY due_at LIMIT %(limit)s)
ORDER BY 1
