-- One request for an address at a time: whoever comes second sees what the first has written.
SELECT pg_advisory_xact_lock(hashtextextended('sign_up ' || %(address)s, %(workspace)s))
