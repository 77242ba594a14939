-- A page of the list of people, sorted by `key`. The holes are our own text: fields of the table, an order of a room.
SELECT c.id, c.name, c.email, c.created_at, c.complaint_since{fields}, {key} AS sort_key,
  ARRAY(SELECT DISTINCT r.role FROM contacts_audiencerole r
        WHERE r.workspace_id = %(workspace)s AND r.contact_id = c.id AND r.until IS NULL ORDER BY r.role) AS roles,
  ARRAY(SELECT t.name FROM contacts_tag t
        WHERE t.workspace_id = %(workspace)s AND t.contact_id = c.id ORDER BY t.name LIMIT 4) AS tags
FROM contacts_contact c {join}
WHERE {where}{after}
ORDER BY {key} {direction}, c.id {direction}
LIMIT %(limit)s
