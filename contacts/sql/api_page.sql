-- A page of the known people in the order of their ids: not erased, not anonymous, not merged into somebody else.
SELECT c.id FROM contacts_contact c
WHERE c.workspace_id = %(workspace)s AND c.id > %(after)s AND c.erased_at IS NULL AND NOT c.is_anonymous
  AND NOT EXISTS (SELECT FROM contacts_merged g WHERE g.workspace_id = %(workspace)s AND g.loser_id = c.id)
{narrowed}
ORDER BY c.id
LIMIT %(limit)s
