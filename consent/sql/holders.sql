-- Who holds one of these addresses.
SELECT contact_id FROM contacts_identity
WHERE workspace_id = %(workspace)s AND kind = %(kind)s AND value = ANY(%(addresses)s)
UNION
SELECT id FROM contacts_contact
WHERE workspace_id = %(workspace)s AND %(kind)s = %(email_kind)s AND email = ANY(%(addresses)s)
