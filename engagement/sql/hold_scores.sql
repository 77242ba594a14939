-- Hold the scores of these people, in the order in which recorders do, but for those that a recorder holds just now.
SELECT contact_id FROM engagement_score WHERE workspace_id = %(workspace)s AND contact_id = ANY(%(ids)s::bigint[])
ORDER BY contact_id FOR UPDATE SKIP LOCKED
