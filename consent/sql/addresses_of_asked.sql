-- The addresses of everybody asked for (`alike`, in eligibility.sql) on its channel, with those of people merged into
-- them.
SELECT alike.asked_id AS person_id, i.value
FROM alike
CROSS JOIN LATERAL (SELECT held.value FROM contacts_identity held
                    WHERE held.workspace_id = %(workspace)s AND held.contact_id = alike.member_id
                      AND held.kind = %(kind)s OFFSET 0) AS i
UNION
SELECT alike.asked_id, c.email
FROM alike
CROSS JOIN LATERAL (SELECT p.email FROM contacts_contact p
                    WHERE p.workspace_id = %(workspace)s AND p.id = alike.member_id OFFSET 0) AS c
WHERE %(kind)s = %(email_kind)s AND c.email <> ''
