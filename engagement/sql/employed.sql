-- The person of a row `d` is an employee now.
EXISTS (SELECT FROM contacts_audiencerole r WHERE r.workspace_id = %(workspace)s AND r.contact_id = d.contact
  AND r.role = %(employee)s AND r.until IS NULL)
