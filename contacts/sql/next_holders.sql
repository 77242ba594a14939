-- The next contacts, by their numbers, who hold a value under the name of a custom field: how many, and the last of them.
SELECT count(*), max(n.contact_id)
FROM (
  SELECT v.contact_id FROM contacts_fieldvalue v
  WHERE v.workspace_id = %(workspace)s AND v.contact_id > %(after)s AND v.name = %(name)s
  ORDER BY v.contact_id LIMIT %(most)s
) AS n
