-- Of the people of `days` those who may not be scored, where recording has told of whom of a batch no profile is made: only
-- who stands for one of them after linking is looked up. A fragment.
SELECT d.contact FROM (SELECT DISTINCT contact FROM days) d
WHERE d.contact IN (SELECT unnest(%(unprofiled)s::bigint[]))
  OR d.contact NOT IN (SELECT unnest(%(row_contact_id)s::bigint[])) AND NOT coalesce((
    SELECT c.is_profiled AND c.erased_at IS NULL FROM contacts_contact c
    WHERE c.workspace_id = %(workspace)s AND c.id = d.contact), false)
  OR {employed}