-- Ten sums of everybody as they stood at the start of a day, with the audience whose scale counts today.
SELECT s.contact_id, coalesce(k.audience, %(no_role)s), %(unknown)s, NULL::float8, {sum_names}
FROM ({sums}) s
LEFT JOIN engagement_score k ON k.workspace_id = %(workspace)s AND k.contact_id = s.contact_id
