-- Whoever settles what one of these people says waits for whoever does so just now: 64 locks of the workspace, taken in
-- order, kept until the transaction ends.
SELECT pg_advisory_xact_lock(hashtext('consent.settle'), lock)
FROM (SELECT DISTINCT ((%(workspace)s %% 30000000) * 64 + p.id %% 64)::int AS lock
      FROM unnest(%(people)s::bigint[]) AS p (id) ORDER BY 1) AS needed
