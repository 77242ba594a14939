-- The first of those who were found to need somebody, as they are now; in the order in which they were found.
SELECT c.id, c.name, c.email, s.level, o.reason, o.at,
  ARRAY(SELECT r.role FROM contacts_audiencerole r WHERE r.workspace_id = c.workspace_id AND r.contact_id = c.id
        AND r.until IS NULL ORDER BY r.role) AS roles
FROM unnest(%(contacts)s::bigint[], %(reasons)s::int[], %(moments)s::timestamptz[]) WITH ORDINALITY
  AS o (contact, reason, at, place)
JOIN contacts_contact c ON c.workspace_id = %(workspace)s AND c.id = o.contact AND c.erased_at IS NULL
LEFT JOIN engagement_score s ON s.workspace_id = %(workspace)s AND s.contact_id = c.id
ORDER BY o.place LIMIT %(limit)s
