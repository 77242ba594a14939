-- Scores that stand under another audience than the roles of their person make.
WITH other AS MATERIALIZED (
  SELECT s.contact_id, {audience} AS audience
  FROM engagement_score s
  WHERE s.workspace_id = %(workspace)s
    AND (%(contacts)s::bigint[] IS NULL OR s.contact_id = ANY(%(contacts)s::bigint[]))
    AND s.audience <> {audience}
), held AS MATERIALIZED (
  SELECT s.contact_id FROM engagement_score s
  WHERE s.workspace_id = %(workspace)s AND s.contact_id IN (SELECT contact_id FROM other)
  ORDER BY s.contact_id FOR NO KEY UPDATE
)
UPDATE engagement_score s SET audience = other.audience
FROM other JOIN held ON held.contact_id = other.contact_id
WHERE s.workspace_id = %(workspace)s AND s.contact_id = other.contact_id
RETURNING s.contact_id
