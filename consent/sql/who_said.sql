-- The next contacts of whom a word is known, in the ledger or as it counts now.
SELECT contact_id FROM (
  (SELECT DISTINCT contact_id FROM consent_consent
   WHERE workspace_id = %(workspace)s AND contact_id > %(after)s ORDER BY contact_id LIMIT %(limit)s)
  UNION
  (SELECT DISTINCT contact_id FROM consent_consentnow
   WHERE workspace_id = %(workspace)s AND contact_id > %(after)s ORDER BY contact_id LIMIT %(limit)s)
) AS said
ORDER BY contact_id LIMIT %(limit)s
