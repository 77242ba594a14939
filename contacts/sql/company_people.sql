-- Who is or was at a company: people who stand for themselves, those who are there now first, then by name. Of several rows
-- of one person the one that lasts.
SELECT * FROM (
  SELECT DISTINCT ON (c.id) c.id, c.name, c.email, x.id AS position_id, x.role_there, x.since, x.until
  FROM contacts_position x
  LEFT JOIN contacts_merged m ON m.workspace_id = x.workspace_id AND m.loser_id = x.contact_id
  JOIN contacts_contact c ON c.workspace_id = x.workspace_id AND c.id = coalesce(m.survivor_id, x.contact_id)
    AND c.erased_at IS NULL
  WHERE x.workspace_id = %(workspace)s AND x.company_id = %(company)s
  ORDER BY c.id, x.until DESC NULLS FIRST, x.id DESC
) AS people
ORDER BY until DESC NULLS FIRST, name COLLATE "C", id
LIMIT %(limit)s
