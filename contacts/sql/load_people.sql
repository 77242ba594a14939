-- New contacts with their fields, under the ids that were drawn for them.
INSERT INTO contacts_contact (id, workspace_id, {columns}, contact_frequency, dialogue_mode, is_profiled, is_anonymous,
                              created_at)
SELECT id, %(workspace)s, {columns}, %(frequency)s, %(dialogue)s, true, false, %(now)s
FROM contacts_stage_people
