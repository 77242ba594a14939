-- A tag on every tenth.
SELECT c.workspace_id, c.id AS contact_id, t.name, t.name AS folded
FROM contacts_contact c
CROSS JOIN LATERAL (SELECT (ARRAY['vip', 'tea', 'coffee', 'press', 'trial'])[1 + (c.id / 10) %% 5] AS name) t
WHERE c.workspace_id = %(workspace)s AND c.id %% 10 = 3
