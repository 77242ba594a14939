-- Whether we are the only one who works on this request of this key, until the transaction ends.
SELECT pg_try_advisory_xact_lock(hashtextextended(concat_ws(':', 'api', %(workspace)s, %(key)s, %(name)s::text), 0))
