AND (c.created_at >= %(changed_since)s OR c.id IN (
  SELECT coalesce(m.survivor_id, told.id)
  FROM workspaces_event e CROSS JOIN LATERAL unnest(e.contact_ids) AS told (id)
  LEFT JOIN contacts_merged m ON m.workspace_id = %(workspace)s AND m.loser_id = told.id
  WHERE e.workspace_id = %(workspace)s AND e.at >= %(changed_since)s))
