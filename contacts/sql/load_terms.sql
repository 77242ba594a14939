-- Words by which new contacts are found. They are nobody else's, so no conflict is looked for: that costs as much again.
INSERT INTO contacts_searchterm (workspace_id, contact_id, term)
SELECT %(workspace)s, contact_id, term FROM contacts_stage_terms ORDER BY term, contact_id
