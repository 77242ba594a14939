-- A source that asked for these addresses takes that back: lifted is what nobody else asked for. The next so many behind an
-- id; returns the id of each, whose channel it is, and whether it stands no longer.
WITH asked AS MATERIALIZED (
  SELECT s.id, s.asked_by - %(source)s::text AS others, s.lifted_at
  FROM consent_suppression s
  WHERE s.workspace_id = %(workspace)s AND s.id > %(after)s AND s.asked_by ? %(source)s
  ORDER BY s.id LIMIT %(limit)s
  FOR UPDATE
)
UPDATE consent_suppression s
SET asked_by = asked.others,
    lifted_at = CASE WHEN asked.others = '[]' THEN coalesce(asked.lifted_at, %(now)s) ELSE asked.lifted_at END
FROM asked
WHERE s.workspace_id = %(workspace)s AND s.id = asked.id
RETURNING s.id, asked.others = '[]' AND asked.lifted_at IS NULL, asked.others <> '[]' AND asked.lifted_at IS NULL
