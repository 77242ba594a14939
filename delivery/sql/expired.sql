-- Leases to be taken over: those whose owner is known to be dead at once, those of our own host when they ran out, those
-- of another after a while (only it can read the journal). `chunk`: look at this one alone.
SELECT id FROM delivery_recipientchunk
WHERE workspace_id = %(workspace)s AND NOT is_done AND leased_until IS NOT NULL
  AND (%(chunk)s::bigint IS NULL OR id = %(chunk)s)
  AND (leased_by = ANY(%(gone)s) OR leased_until < clock_timestamp()
    - CASE WHEN split_part(leased_by, '.', 1) = %(host)s THEN interval '0' ELSE %(foreign)s END)
