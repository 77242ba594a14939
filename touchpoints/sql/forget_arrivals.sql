-- Some first arrivals that are older than a retry can be.
DELETE FROM touchpoints_received WHERE workspace_id = %(workspace)s AND id IN (
  SELECT id FROM touchpoints_received WHERE workspace_id = %(workspace)s AND received_at < %(before)s
  ORDER BY received_at LIMIT %(limit)s)
RETURNING id
