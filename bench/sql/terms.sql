-- The words that contacts.searching would keep of these people: their first names, last names and the parts of their
-- addresses begin others of their words, and are found by those.
SELECT c.workspace_id, c.id AS contact_id, t.term FROM contacts_contact c
CROSS JOIN LATERAL (
  SELECT x AS term FROM unnest(ARRAY[c.email, split_part(c.email, '@', 2),
    split_part(split_part(c.email, '@', 1), '.', 2)]) x
  UNION ALL SELECT 'p' || c.id WHERE c.id %% 2 = 0) t
WHERE c.workspace_id = %(workspace)s
