-- Ten sums of some people (or of everybody), with the audience whose scale counts and the announced level.
SELECT s.contact_id, coalesce(a.role, 2), s.level, s.week_overall,
  s.involvement_short, s.involvement_long, s.interaction_short, s.interaction_long, s.warm_short, s.warm_long,
  s.cold_short, s.cold_long, s.influence_short, s.influence_long
FROM engagement_score s
LEFT JOIN LATERAL (
  SELECT r.role FROM contacts_audiencerole r
  WHERE r.workspace_id = s.workspace_id AND r.contact_id = s.contact_id AND r.until IS NULL
  ORDER BY array_position('{1,4,3,5,2}'::smallint[], r.role) LIMIT 1) a ON true
WHERE s.workspace_id = %(workspace)s
  AND (%(contacts)s::bigint[] IS NULL OR s.contact_id = ANY(%(contacts)s::bigint[]))
