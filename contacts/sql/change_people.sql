-- Fields of contacts that are there already; NULL leaves one as it is.
UPDATE contacts_contact c
SET {assignments}
FROM contacts_stage_people n
WHERE c.workspace_id = %(workspace)s AND c.id = n.id AND c.erased_at IS NULL
