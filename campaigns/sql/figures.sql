-- The counts of one campaign's deliveries.
SELECT count(*) FILTER (WHERE state = 2) AS sent, count(*) FILTER (WHERE state IN (0, 1)) AS waiting,
  count(*) FILTER (WHERE state = 3) AS deferred, count(*) FILTER (WHERE state = 4) AS failed,
  count(*) FILTER (WHERE state = 5) AS excluded, count(*) FILTER (WHERE state = 6) AS in_doubt,
  count(*) FILTER (WHERE state = 7) AS cancelled, count(opened_at) AS opened,
  count(*) FILTER (WHERE opened_at IS NULL AND unsure_opened_at IS NOT NULL) AS unsure,
  count(*) FILTER (WHERE opened_at IS NULL AND unsure_opened_at IS NULL AND machine_opened_at IS NOT NULL) AS machines,
  count(clicked_at) AS clicked, count(*) FILTER (WHERE state = 2 AND bounced_at IS NOT NULL) AS bounced,
  count(unsubscribed_at) AS unsubscribed, count(complained_at) AS complained
FROM campaigns_delivery WHERE workspace_id = %(workspace)s AND campaign_id = %(campaign)s
