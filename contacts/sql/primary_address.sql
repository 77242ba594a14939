-- The address of a kind that messages to a person go to: of the current ones the one that Contact.email mirrors, else
-- the one preferred last, else the one known longest.
SELECT i.id, i.value FROM contacts_identity i
WHERE i.workspace_id = %(workspace)s AND i.contact_id = {contact} AND i.kind = {kind} AND i.former_since IS NULL
ORDER BY i.value = {email} DESC, i.preferred_at DESC NULLS LAST, i.id
LIMIT 1
