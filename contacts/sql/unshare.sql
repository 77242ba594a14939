-- Addresses that only this source called shared and that one contact alone uses by now are theirs alone again.
UPDATE contacts_identity i
SET shared_key = 0, shared_since = NULL, shared_why = '', shared_by = ''
WHERE i.workspace_id = %(workspace)s AND i.shared_key <> 0 AND i.shared_by = %(source)s
  AND NOT EXISTS (SELECT FROM contacts_identity x
                  WHERE x.workspace_id = %(workspace)s AND x.kind = i.kind AND x.value = i.value AND x.id <> i.id)
RETURNING i.contact_id
