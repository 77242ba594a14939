-- A customer number for every second one.
SELECT c.workspace_id, c.id AS contact_id, 1 AS kind, 'p' || c.id AS value, c.created_at
FROM contacts_contact c WHERE c.workspace_id = %(workspace)s AND c.id %% 2 = 0
