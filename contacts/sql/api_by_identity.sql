AND c.id IN (SELECT coalesce(m.survivor_id, i.contact_id) FROM contacts_identity i
  LEFT JOIN contacts_merged m ON m.workspace_id = %(workspace)s AND m.loser_id = i.contact_id
  WHERE i.workspace_id = %(workspace)s AND i.kind = %({kind})s AND i.value = %({value})s)
