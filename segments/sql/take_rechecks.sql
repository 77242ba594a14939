-- Take the oldest requests, as many as hold about `limit` contacts; those of them that have a name, each once: visitors
-- without one are in no segment. The words of one stand if every request says so.
WITH these AS (
  SELECT id FROM (
    SELECT id, sum(cardinality(contact_ids)) OVER (ORDER BY id) - cardinality(contact_ids) AS before
    FROM (SELECT id, contact_ids FROM segments_segmentrecheck WHERE workspace_id = %(workspace)s
          ORDER BY id LIMIT %(limit)s) oldest) counted
  WHERE before < %(limit)s
), taken AS (
  DELETE FROM segments_segmentrecheck
  WHERE workspace_id = %(workspace)s AND id IN (SELECT id FROM these)
  RETURNING contact_ids, words_stand
), asked AS (
  SELECT one.id, bool_and(taken.words_stand) AS words_stand
  FROM taken CROSS JOIN LATERAL unnest(taken.contact_ids) AS one (id) GROUP BY one.id
)
SELECT a.id, c.id IS NOT NULL, a.words_stand FROM asked a
LEFT JOIN contacts_contact c ON c.workspace_id = %(workspace)s AND c.id = a.id AND NOT c.is_anonymous
ORDER BY a.id
