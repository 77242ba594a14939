-- Ten sums of some people (or of everybody), with the audience whose scale counts and the announced level.
SELECT s.contact_id, s.audience, s.level, s.week_overall, {sum_names}
FROM engagement_score s
WHERE s.workspace_id = %(workspace)s
  AND (%(contacts)s::bigint[] IS NULL OR s.contact_id = ANY(%(contacts)s::bigint[]))
