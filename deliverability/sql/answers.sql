-- What servers answered in four weeks where an email came back, was refused or had to wait: by code and provider.
SELECT coalesce(substring(d.answer FROM %(status)s), substring(d.answer FROM '^[245]\d\d(?!\d)'), '') AS code,
  {whose} AS provider, count(*) AS times
FROM delivery_delivery d JOIN delivery_message m ON m.workspace_id = %(workspace)s AND m.id = d.message_id
  AND m.sender_id = ANY(%(senders)s)
WHERE d.workspace_id = %(workspace)s AND d.answer <> '' AND d.answer NOT LIKE '2%%'
  AND d.queued_at > %(now)s::timestamptz - interval '28 days'
  AND (d.bounced_at IS NOT NULL OR d.state IN (%(failed)s, %(deferred)s))
GROUP BY 1, 2 ORDER BY 3 DESC LIMIT 200
