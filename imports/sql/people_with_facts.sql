-- Of these people those of whom the ledger knows anything that the file of this run did not bring alone: facts that files
-- brought and that are voided count for nothing, nor do those that stand because of this run and no other.
SELECT DISTINCT t.contact_id FROM touchpoints_touchpoint t
WHERE t.workspace_id = %(workspace)s AND t.contact_id = ANY(%(people)s::bigint[])
  AND NOT EXISTS (
    SELECT FROM touchpoints_source s
    WHERE s.workspace_id = %(workspace)s AND s.id = t.source_id AND s.key = %(source)s
      AND (EXISTS (SELECT FROM touchpoints_correctedfact k
                   WHERE k.workspace_id = %(workspace)s AND k.touchpoint_id = t.id AND k.is_deleted)
           OR EXISTS (SELECT FROM imports_standingfact f
                      WHERE f.workspace_id = %(workspace)s AND f.touchpoint_id = t.id
                        AND NOT EXISTS (SELECT FROM imports_importedrecord r
                                        WHERE r.workspace_id = %(workspace)s AND r.key = f.key AND r.run_id <> %(run)s))))
