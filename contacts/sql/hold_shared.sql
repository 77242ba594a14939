-- Whoever looks who uses these addresses, to write somebody down there, waits for whoever does so just now: 64 locks of the
-- workspace, taken in order, kept until the transaction ends.
SELECT pg_advisory_xact_lock(hashtext('contacts.shared'), lock)
FROM (SELECT DISTINCT ((%(workspace)s %% 30000000) * 64 + (hashtext(wanted.value) & 63))::int AS lock
      FROM json_array_elements_text(%(values)s::json) AS wanted (value) ORDER BY 1) AS needed
