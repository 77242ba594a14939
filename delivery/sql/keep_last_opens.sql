-- The day of a person's last open, in place of the one before it.
INSERT INTO delivery_lastopen (workspace_id, contact_id, day)
SELECT %(workspace)s, one.contact, one.day
FROM unnest(%(contacts)s::bigint[], %(days)s::date[]) AS one(contact, day)
JOIN contacts_contact c ON c.workspace_id = %(workspace)s AND c.id = one.contact
ORDER BY one.contact
ON CONFLICT (workspace_id, contact_id) DO UPDATE SET day = greatest(delivery_lastopen.day, excluded.day)
