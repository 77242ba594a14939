-- How many of the newest page views fit each rule for pages.
WITH newest AS MATERIALIZED (
  SELECT {address} AS address FROM touchpoints_touchpoint d
  WHERE d.workspace_id = %(workspace)s AND d.kind = %(page)s AND d.occurred_at >= %(since)s
  ORDER BY d.occurred_at DESC LIMIT %(newest)s
)
SELECT r.begins, count(n.address)
FROM (SELECT DISTINCT begins FROM engagement_pagerule WHERE workspace_id = %(workspace)s) r
LEFT JOIN newest n ON starts_with(n.address, r.begins)
GROUP BY 1
