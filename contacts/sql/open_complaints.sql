-- A complaint is open since this moment, for those who have none yet.
UPDATE contacts_contact c SET complaint_since = n.at
FROM unnest(%(contacts)s::bigint[], %(moments)s::timestamptz[]) AS n (contact_id, at)
WHERE c.workspace_id = %(workspace)s AND c.id = n.contact_id AND c.complaint_since IS NULL
RETURNING c.id
