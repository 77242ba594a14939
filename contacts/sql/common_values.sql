-- The values of a custom field, those that most people have first, each in the spelling that stands most often.
SELECT max(v.text) AS said
FROM contacts_fieldvalue v
WHERE v.workspace_id = %(workspace)s AND v.name = %(name)s AND v.text <> ''
GROUP BY v.folded
ORDER BY count(*) DESC, v.folded
LIMIT %(most)s
