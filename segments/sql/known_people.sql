-- The known people: not erased, not anonymous, not merged into somebody else; over `c`.
c.workspace_id = %(workspace)s AND c.erased_at IS NULL AND NOT c.is_anonymous
AND NOT EXISTS (SELECT FROM contacts_merged g WHERE g.workspace_id = %(workspace)s AND g.loser_id = c.id){found}{with_role}
