-- Moments (`moments`: contact_id, occurred_at, and as `which` the step of whose sort they are), with where a chain that
-- begins with them begins. What two steps ask alike is read once.
SELECT contact_id, occurred_at, which, CASE WHEN which = {which} THEN occurred_at END AS started_1
FROM ({moments}) AS moments
