-- Take the oldest requests, as many as hold about `limit` contacts; those of them that have a name, each once: visitors
-- without one are in no segment.
WITH these AS (
  SELECT id FROM (
    SELECT id, sum(cardinality(contact_ids)) OVER (ORDER BY id) - cardinality(contact_ids) AS before
    FROM (SELECT id, contact_ids FROM segments_segmentrecheck WHERE workspace_id = %(workspace)s
          ORDER BY id LIMIT %(limit)s) oldest) counted
  WHERE before < %(limit)s
), taken AS (
  DELETE FROM segments_segmentrecheck
  WHERE workspace_id = %(workspace)s AND id IN (SELECT id FROM these)
  RETURNING contact_ids
)
SELECT a.id, c.id IS NOT NULL FROM (SELECT DISTINCT unnest(contact_ids) AS id FROM taken) a
LEFT JOIN contacts_contact c ON c.workspace_id = %(workspace)s AND c.id = a.id AND NOT c.is_anonymous
ORDER BY a.id
