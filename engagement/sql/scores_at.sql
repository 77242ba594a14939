-- Ten sums of everybody as they stood at the start of a day, with the audience whose scale counts today.
SELECT s.contact_id, coalesce(a.role, %(no_role)s), %(unknown)s, NULL::float8, {sum_names}
FROM (SELECT %(workspace)s::bigint AS workspace_id, n.* FROM ({sums}) n) s
{audience}
