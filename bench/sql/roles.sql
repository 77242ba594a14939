-- What people are to the brand: 42 of 100 customers, 54 prospects, the few others; one of 100 plays no role.
SELECT c.workspace_id, c.id AS contact_id,
  CASE WHEN c.id %% 1000 < 420 THEN 1 WHEN c.id %% 1000 < 960 THEN 2 WHEN c.id %% 1000 < 975 THEN 3
    WHEN c.id %% 1000 < 980 THEN 4 ELSE 5 END AS role, c.created_at AS since, 'world' AS source
FROM contacts_contact c WHERE c.workspace_id = ANY(%(these)s) AND c.id %% 1000 < 990
