-- Who of these people may not be scored: of a range all are read, which costs a third of looking each up.
  SELECT d.contact
  FROM (SELECT p.id AS contact, p.is_profiled AND p.erased_at IS NULL AS is_scored FROM contacts_contact p
        WHERE p.workspace_id = %(workspace)s AND {who}) d
  WHERE NOT d.is_scored OR {employed}
