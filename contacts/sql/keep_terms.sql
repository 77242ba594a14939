-- The words of these contacts become exactly the ones given.
WITH wanted AS (SELECT * FROM unnest(%(ids)s::bigint[], %(terms)s::text[]) AS w (contact_id, term)),
gone AS (
  DELETE FROM contacts_searchterm AS t
  WHERE t.workspace_id = %(workspace)s AND t.contact_id = ANY(%(these)s)
    AND NOT EXISTS (SELECT FROM wanted w WHERE w.contact_id = t.contact_id AND w.term = t.term)
)
INSERT INTO contacts_searchterm (workspace_id, contact_id, term)
SELECT %(workspace)s, contact_id, term FROM wanted ORDER BY contact_id, term
ON CONFLICT DO NOTHING
