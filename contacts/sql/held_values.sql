-- Every different value under the name of a custom field, with how many contacts hold it.
SELECT v.text, v.number, v.moment, count(*)
FROM contacts_fieldvalue v
WHERE v.workspace_id = %(workspace)s AND v.name = %(name)s
GROUP BY v.text, v.number, v.moment
