-- How many letters people (by their survivors' ids) got or are getting, this campaign's own aside: in 30 days of any
-- purpose; in 7 days and 1 day of offers; in 7 days of one programme; and when the oldest of them leaves its week.
SELECT coalesce(m.survivor_id, d.contact_id) AS contact_id,
  count(*) AS month_count,
  count(*) FILTER (WHERE c.message_class = 'marketing' AND d.queued_at > %(now)s::timestamptz - interval '7 days') AS week_count,
  count(*) FILTER (WHERE c.message_class = 'marketing' AND d.queued_at > %(now)s::timestamptz - interval '1 day') AS day_count,
  count(*) FILTER (WHERE c.programme_id = %(programme)s::bigint AND d.queued_at > %(now)s::timestamptz - interval '7 days') AS programme_count,
  min(d.queued_at) FILTER (WHERE d.queued_at > %(now)s::timestamptz - interval '7 days') AS week_first,
  min(d.queued_at) AS month_first,
  max(d.queued_at) AS newest
FROM campaigns_delivery d
JOIN campaigns_campaign c ON c.workspace_id = %(workspace)s AND c.id = d.campaign_id AND c.message_class <> 'transactional'
LEFT JOIN contacts_merged m ON m.workspace_id = %(workspace)s AND m.loser_id = d.contact_id
WHERE d.workspace_id = %(workspace)s AND d.contact_id = ANY(ARRAY(
    SELECT unnest(%(contacts)s::bigint[]) UNION ALL
    SELECT l.loser_id FROM contacts_merged l WHERE l.workspace_id = %(workspace)s AND l.survivor_id = ANY(%(contacts)s)))
  AND d.state IN (1, 2)
  AND d.queued_at > %(now)s::timestamptz - interval '30 days' AND d.campaign_id <> %(campaign)s
GROUP BY 1
