-- The names of the custom fields that somebody has, in order: from each the next, so that a million values are not read.
WITH RECURSIVE names AS (
  (SELECT v.name FROM contacts_fieldvalue v WHERE v.workspace_id = %(workspace)s ORDER BY v.name LIMIT 1)
  UNION ALL
  SELECT (SELECT v.name FROM contacts_fieldvalue v
          WHERE v.workspace_id = %(workspace)s AND v.name > names.name ORDER BY v.name LIMIT 1)
  FROM names WHERE names.name IS NOT NULL
)
SELECT name FROM names WHERE name IS NOT NULL LIMIT 500
