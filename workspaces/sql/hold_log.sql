-- One at a time gives places in a workspace's log; held until the transaction ends.
SELECT pg_advisory_xact_lock(hashtextextended('events:' || %(workspace)s::text, 0))
