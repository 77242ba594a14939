-- What became of emails by the domain of the mailbox, the biggest first: the span that runs, and the one before it.
SELECT split_part(address, '@', 2) AS provider,
       count(*) FILTER (WHERE sent_at >= %(since)s) AS sent,
       count(bounced_at) FILTER (WHERE sent_at >= %(since)s) AS bounced,
       count(complained_at) FILTER (WHERE sent_at >= %(since)s) AS complained,
       count(*) FILTER (WHERE sent_at < %(since)s) AS sent_before,
       count(bounced_at) FILTER (WHERE sent_at < %(since)s) AS bounced_before,
       count(complained_at) FILTER (WHERE sent_at < %(since)s) AS complained_before
FROM delivery_delivery
WHERE workspace_id = %(workspace)s AND sent_at >= %(before)s AND address <> ''
GROUP BY provider ORDER BY count(*) DESC, provider LIMIT 10
