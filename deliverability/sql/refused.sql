-- Emails that a server refused for good at once, by provider and week: they were never sent, so they have no moment of it.
SELECT {whose} AS provider, floor(extract(epoch FROM %(now)s::timestamptz - d.bounced_at) / 604800)::int AS weeks_ago,
  count(*) AS refused
FROM delivery_delivery d JOIN delivery_message m ON m.workspace_id = %(workspace)s AND m.id = d.message_id
  AND m.sender_id = ANY(%(senders)s)
WHERE d.workspace_id = %(workspace)s AND d.sent_at IS NULL AND d.bounced_at > %(now)s::timestamptz - interval '56 days'
  AND d.bounced_at <= %(now)s
GROUP BY 1, 2
