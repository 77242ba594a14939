-- Last week's overall score beside this week's sums: risers and fallers need no history.
UPDATE engagement_score s SET week_overall = n.overall
FROM unnest(%(ids)s::bigint[], %(overall)s::float8[]) AS n (contact, overall)
WHERE s.workspace_id = %(workspace)s AND s.contact_id = n.contact
