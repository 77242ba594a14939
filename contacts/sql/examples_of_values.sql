-- Some of those who hold each of these values under the name of a custom field.
SELECT w.text, v.contact_id
FROM unnest(%(texts)s::text[], %(folds)s::text[]) AS w (text, folded)
CROSS JOIN LATERAL (
  SELECT f.contact_id FROM contacts_fieldvalue f
  WHERE f.workspace_id = %(workspace)s AND f.folded = w.folded AND f.name = %(name)s AND f.text = w.text
  ORDER BY f.contact_id LIMIT %(most)s
) AS v
