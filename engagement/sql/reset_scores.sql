-- Sums of some people, or of everybody, back to nothing; their announced level stays.
UPDATE engagement_score SET involvement_short = 0, involvement_long = 0, interaction_short = 0, interaction_long = 0,
  warm_short = 0, warm_long = 0, cold_short = 0, cold_long = 0, influence_short = 0, influence_long = 0
WHERE workspace_id = %(workspace)s AND (%(contacts)s::bigint[] IS NULL OR contact_id = ANY(%(contacts)s::bigint[]));
UPDATE engagement_heat SET heat = 0
WHERE workspace_id = %(workspace)s AND (%(contacts)s::bigint[] IS NULL OR contact_id = ANY(%(contacts)s::bigint[]))
