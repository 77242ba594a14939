-- Of these people those who are scored or could be, each due to be looked at, and whether their right to be scored
-- turned: allowed without any day weight, or not allowed with some. `few` also asks for facts that were never scored.
WITH people AS (
  SELECT c.id AS contact_id, s.id IS NOT NULL AS has_score,
    EXISTS (SELECT 1 FROM engagement_dayweight d WHERE d.workspace_id = %(workspace)s AND d.contact_id = c.id)
      AS is_counted,
    c.is_profiled AND c.erased_at IS NULL AND (%(score_employees)s OR NOT EXISTS (
      SELECT 1 FROM contacts_audiencerole r WHERE r.workspace_id = %(workspace)s AND r.contact_id = c.id
        AND r.role = %(employee)s AND r.until IS NULL)) AS is_allowed
  FROM contacts_contact c
  LEFT JOIN engagement_score s ON s.workspace_id = c.workspace_id AND s.contact_id = c.id
  WHERE c.workspace_id = %(workspace)s AND c.id = ANY(%(ids)s::bigint[]) AND NOT EXISTS (
    SELECT 1 FROM contacts_merged m WHERE m.workspace_id = %(workspace)s AND m.loser_id = c.id)
), known AS (
  SELECT contact_id, is_counted <> is_allowed AS has_turned FROM people p
  WHERE has_score OR (%(few)s AND is_allowed AND EXISTS (
    SELECT 1 FROM touchpoints_touchpoint t WHERE t.workspace_id = %(workspace)s AND t.contact_id = p.contact_id))
), touched AS (
  INSERT INTO engagement_touched (workspace_id, contact_ids, at)
  SELECT %(workspace)s, array_agg(contact_id ORDER BY contact_id), %(now)s FROM known HAVING count(*) > 0
)
SELECT contact_id, has_turned FROM known
