-- Who looks after these contacts from now on.
UPDATE contacts_contact c SET owner_id = n.owner_id
FROM unnest(%(contacts)s::bigint[], %(owners)s::bigint[]) AS n (id, owner_id)
WHERE c.workspace_id = %(workspace)s AND c.id = n.id AND c.erased_at IS NULL
