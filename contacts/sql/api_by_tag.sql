AND c.id IN (SELECT coalesce(m.survivor_id, t.contact_id) FROM contacts_tag t
  LEFT JOIN contacts_merged m ON m.workspace_id = %(workspace)s AND m.loser_id = t.contact_id
  WHERE t.workspace_id = %(workspace)s AND t.folded = %(tag)s)
