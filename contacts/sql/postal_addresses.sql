-- The postal address of each person asked for, as far as it is known.
SELECT c.id, parts.street, parts.postcode, btrim(c.city), btrim(c.country)
FROM contacts_contact c
CROSS JOIN LATERAL ({parts}) AS parts
WHERE c.workspace_id = %(workspace)s AND c.id = ANY (%(contacts)s::bigint[])
