-- Who of those with day weights may not be scored: few people are looked up each.
  SELECT d.contact FROM (SELECT DISTINCT contact FROM days) d
  LEFT JOIN contacts_contact c ON c.workspace_id = %(workspace)s AND c.id = d.contact AND c.is_profiled
    AND c.erased_at IS NULL
  WHERE c.id IS NULL OR {employed}
