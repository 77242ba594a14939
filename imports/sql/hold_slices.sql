-- One slice of an import at a time in a workspace, until its transaction ends. Taken before any row of people is locked.
SELECT pg_advisory_xact_lock(hashtext('imports.slice'), (%(workspace)s %% 2147483647)::int)
