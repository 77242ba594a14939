-- One at a time makes or changes the single row that a workspace has in this table, until the transaction ends.
SELECT pg_advisory_xact_lock(hashtext('single ' || %(table)s), %(workspace)s::int)
