-- Everybody's email identity.
SELECT c.id, c.workspace_id, c.id AS contact_id, 2 AS kind, c.email AS value, c.created_at
FROM contacts_contact c WHERE c.workspace_id = ANY(%(these)s)
