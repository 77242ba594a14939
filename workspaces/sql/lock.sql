-- One at a time in each workspace, until the transaction ends.
SELECT pg_advisory_xact_lock(%(lock)s, %(workspace)s::int)
