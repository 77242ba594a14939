-- Moments with the number of the step that they can be (`moments`: contact_id, occurred_at, step; one that can be two
-- steps stands there twice). A chain begins where its first step is.
SELECT contact_id, occurred_at, step, CASE WHEN step = {first} THEN occurred_at END AS started_at
FROM ({moments}) AS moments
