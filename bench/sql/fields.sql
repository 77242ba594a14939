-- Two custom fields of everybody: a plan (text) and an age (number).
SELECT c.workspace_id, c.id AS contact_id, v.name, v.text, v.text AS folded, v.number, c.created_at AS updated_at
FROM contacts_contact c CROSS JOIN LATERAL (VALUES
  ('plan', (ARRAY['basic', 'plus', 'gold'])[1 + (c.id * 11) %% 3], NULL::float8),
  ('age', (18 + (c.id * 29) %% 70)::text, (18 + (c.id * 29) %% 70)::float8)) AS v (name, text, number)
WHERE c.workspace_id = %(workspace)s
