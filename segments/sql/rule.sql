-- Over everybody that a rule may speak of: known people (not erased, not anonymous, not merged into somebody else), with
-- the sets of its leaves joined. The compiler adds the rule's own condition, or columns that measure it.
{steps}SELECT {columns}
FROM contacts_contact c{joins}
LEFT JOIN contacts_merged gone ON gone.workspace_id = %(workspace)s AND gone.loser_id = c.id
WHERE c.workspace_id = %(workspace)s AND c.erased_at IS NULL AND NOT c.is_anonymous AND gone.id IS NULL{only}
