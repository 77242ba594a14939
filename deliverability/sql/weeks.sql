-- What became of emails by mailbox provider and week, eight weeks back: sent, came back, had to wait, marked as spam.
SELECT {whose} AS provider, floor(extract(epoch FROM %(now)s::timestamptz - d.sent_at) / 604800)::int AS weeks_ago,
  count(*) AS sent, count(d.bounced_at) AS bounced, count(*) FILTER (WHERE d.attempts > 1) AS waited,
  count(d.complained_at) AS complained
FROM delivery_delivery d JOIN delivery_message m ON m.workspace_id = %(workspace)s AND m.id = d.message_id
  AND m.sender_id = ANY(%(senders)s)
WHERE d.workspace_id = %(workspace)s AND d.sent_at > %(now)s::timestamptz - interval '56 days' AND d.sent_at <= %(now)s
GROUP BY 1, 2
