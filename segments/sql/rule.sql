-- Over everybody that a rule may speak of: known people (not erased, not anonymous, not merged into somebody else). The
-- compiler adds the rule's own condition, or columns that measure it; a step may have found all who can fit already.
{steps}SELECT {columns}
FROM {people}
WHERE c.workspace_id = %(workspace)s AND c.erased_at IS NULL AND NOT c.is_anonymous
  AND NOT EXISTS (SELECT FROM contacts_merged gone WHERE gone.workspace_id = %(workspace)s AND gone.loser_id = c.id){only}
