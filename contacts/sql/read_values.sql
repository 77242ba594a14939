-- Custom fields of these names that these contacts have.
SELECT v.contact_id, v.name, v.text, v.number, v.moment
FROM unnest(%(contacts)s::bigint[]) AS who (id)
CROSS JOIN LATERAL (SELECT * FROM contacts_fieldvalue f
                    WHERE f.workspace_id = %(workspace)s AND f.contact_id = who.id OFFSET 0) AS v
WHERE v.name = ANY(%(names)s)
