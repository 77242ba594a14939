-- Announce levels; who moved remembers when.
UPDATE engagement_score s SET level = n.level, level_at = %(at)s
FROM unnest(%(ids)s::bigint[], %(levels)s::smallint[]) AS n (contact, level)
WHERE s.workspace_id = %(workspace)s AND s.contact_id = n.contact AND s.level <> n.level
