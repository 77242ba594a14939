-- Everybody who was merged into somebody, with whom.
SELECT loser_id, survivor_id FROM contacts_merged WHERE workspace_id = %(workspace)s
