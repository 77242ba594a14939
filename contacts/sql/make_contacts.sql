-- Empty contacts, one for each flag, in order.
INSERT INTO contacts_contact (workspace_id, is_anonymous, {columns}, contact_frequency, dialogue_mode, is_profiled,
                              created_at)
SELECT %(workspace)s, flag, {empty}, %(frequency)s, %(dialogue)s, true, statement_timestamp()
FROM unnest(%(flags)s::boolean[]) WITH ORDINALITY AS f (flag, place) ORDER BY place
RETURNING id
