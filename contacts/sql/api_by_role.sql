AND c.id IN (SELECT coalesce(m.survivor_id, r.contact_id) FROM contacts_audiencerole r
  LEFT JOIN contacts_merged m ON m.workspace_id = %(workspace)s AND m.loser_id = r.contact_id
  WHERE r.workspace_id = %(workspace)s AND r.role = %(role)s AND r.until IS NULL)
