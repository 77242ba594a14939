-- The copy of these people's heat that "hottest first" walks.
INSERT INTO engagement_heat AS h (workspace_id, contact_id, heat)
SELECT %(workspace)s, contact_id, heat FROM engagement_score
WHERE workspace_id = %(workspace)s AND contact_id = ANY(%(ids)s::bigint[]) ORDER BY contact_id
ON CONFLICT (workspace_id, contact_id) DO UPDATE SET heat = excluded.heat WHERE h.heat <> excluded.heat
