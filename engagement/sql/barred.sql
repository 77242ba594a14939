-- Of the people of `days` those who may not be scored. A fragment.
SELECT d.contact FROM (SELECT DISTINCT contact FROM days) d
LEFT JOIN contacts_contact c ON c.workspace_id = %(workspace)s AND c.id = d.contact AND c.is_profiled
  AND c.erased_at IS NULL
WHERE c.id IS NULL OR {employed}