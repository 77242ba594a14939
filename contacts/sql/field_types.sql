-- Of these names the ones that a custom field has here, with the type of its values; of mixed ones text. One look by key
-- each.
SELECT n.name,
  CASE WHEN EXISTS (SELECT FROM contacts_fieldvalue v WHERE v.workspace_id = %(workspace)s AND v.name = n.name
      AND v.number IS NULL AND v.moment IS NULL) THEN 'text'
    WHEN EXISTS (SELECT FROM contacts_fieldvalue v WHERE v.workspace_id = %(workspace)s AND v.name = n.name
      AND v.moment IS NOT NULL) THEN 'moment'
    ELSE 'number' END
FROM unnest(%(names)s::text[]) AS n (name)
WHERE EXISTS (SELECT FROM contacts_fieldvalue v WHERE v.workspace_id = %(workspace)s AND v.name = n.name)
