-- The addresses of one kind of everybody in the workspace, each with who stands for its owner today.
SELECT coalesce(m.survivor_id, held.contact_id) AS person_id, held.value
FROM contacts_identity held
LEFT JOIN contacts_merged m ON m.workspace_id = %(workspace)s AND m.loser_id = held.contact_id
WHERE held.workspace_id = %(workspace)s AND held.kind = {kind}{only_held}
UNION
SELECT coalesce(m.survivor_id, p.id), p.email
FROM contacts_contact p
LEFT JOIN contacts_merged m ON m.workspace_id = %(workspace)s AND m.loser_id = p.id
WHERE p.workspace_id = %(workspace)s AND {kind} = %(email_kind)s AND p.email <> ''{only_people}
