-- Leases that ran out: those of our own host at once, those of another after a while (only it can read the journal).
SELECT id FROM delivery_recipientchunk
WHERE workspace_id = %(workspace)s AND NOT is_done AND leased_until IS NOT NULL
  AND leased_until < clock_timestamp() - CASE WHEN leased_by = %(host)s THEN interval '0' ELSE %(foreign)s END
