-- Of a row `d`: its person is no employee now.
NOT EXISTS (SELECT FROM contacts_audiencerole r WHERE r.workspace_id = %(workspace)s AND r.contact_id = d.contact
  AND r.role = %(employee)s AND r.until IS NULL)
