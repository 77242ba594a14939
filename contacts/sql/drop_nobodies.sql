-- Contacts made a moment ago that ended up without any identity. Nothing else deletes a contact: facts are of somebody for
-- ever, and no foreign key holds them.
DELETE FROM contacts_contact c
WHERE workspace_id = %(workspace)s AND id = ANY(%(contacts)s)
  AND NOT EXISTS (SELECT 1 FROM contacts_identity i WHERE i.workspace_id = c.workspace_id AND i.contact_id = c.id)
