-- Every different value under the name of a custom field, with how many contacts hold it, of contacts by number after one
-- and up to another.
SELECT v.text, v.number, v.moment, count(*)
FROM contacts_fieldvalue v
WHERE v.workspace_id = %(workspace)s AND v.name = %(name)s AND v.contact_id > %(after)s AND v.contact_id <= %(until)s
GROUP BY v.text, v.number, v.moment
