-- The counts of one campaign's deliveries.
SELECT count(*) FILTER (WHERE state = %(sent)s) AS sent, count(*) FILTER (WHERE state IN (%(queued)s, %(sending)s)) AS waiting,
  count(*) FILTER (WHERE state = %(deferred)s) AS deferred, count(*) FILTER (WHERE state = %(failed)s) AS failed,
  count(*) FILTER (WHERE state = %(excluded)s) AS excluded, count(*) FILTER (WHERE state = %(in_doubt)s) AS in_doubt,
  count(*) FILTER (WHERE state = %(cancelled)s) AS cancelled, count(opened_at) AS opened,
  count(*) FILTER (WHERE opened_at IS NULL AND unsure_opened_at IS NOT NULL) AS unsure,
  count(*) FILTER (WHERE opened_at IS NULL AND unsure_opened_at IS NULL AND machine_opened_at IS NOT NULL) AS machines,
  count(clicked_at) AS clicked, count(*) FILTER (WHERE state = %(sent)s AND bounced_at IS NOT NULL) AS bounced,
  count(unsubscribed_at) AS unsubscribed, count(complained_at) AS complained,
  count(*) FILTER (WHERE state = %(sent)s AND bounced_at IS NULL AND {is_unmeasured}) AS unmeasured,
  coalesce(sum(units) FILTER (WHERE state = %(sent)s), 0) AS units
FROM delivery_delivery d WHERE workspace_id = %(workspace)s AND message_id = %(message)s
