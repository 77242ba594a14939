-- The addresses of everybody asked for (`members`, in eligibility.sql) on its channel, with those of people merged into
-- them.
SELECT members.asked_id AS person_id, i.value
FROM members
JOIN (SELECT held.contact_id, held.value FROM contacts_identity held
      WHERE held.workspace_id = %(workspace)s AND held.contact_id = ANY(ARRAY(SELECT member_id FROM alike))
        AND held.kind = %(kind)s OFFSET 0) AS i ON i.contact_id = members.id
UNION
SELECT members.asked_id, members.email
FROM members
WHERE %(kind)s = %(email_kind)s AND members.email <> ''
