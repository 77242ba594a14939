-- Of each sender's last %(looked_at)s emails to each mailbox provider in %(within)s: how many there were, and how many of
-- them were marked as spam, refused by the provider's rules (5.7.x), or came back, since the moment asked for.
SELECT sender_id AS sender, provider, count(*) AS tried,
  count(*) FILTER (WHERE complained_at >= since) AS complained,
  count(*) FILTER (WHERE bounced_at >= since AND is_policy) AS refused,
  count(*) FILTER (WHERE bounced_at >= since AND NOT is_policy) AS bounced
FROM (
  SELECT m.sender_id, asked.since, {whose} AS provider, d.complained_at, d.bounced_at, d.answer ~ '\m5\.7\.\d' AS is_policy,
    row_number() OVER (PARTITION BY m.sender_id, {whose} ORDER BY coalesce(d.sent_at, d.bounced_at) DESC, d.id DESC) AS place
  FROM unnest(%(senders)s::bigint[], %(sinces)s::timestamptz[]) AS asked (sender, since)
  JOIN delivery_message m ON m.workspace_id = %(workspace)s AND m.sender_id = asked.sender
    AND coalesce(m.finished_at > %(now)s::timestamptz - %(within)s::interval, true) AND m.state <> %(draft)s::text
  JOIN delivery_delivery d ON d.workspace_id = %(workspace)s AND d.message_id = m.id
  WHERE coalesce(d.sent_at, d.bounced_at) > %(now)s::timestamptz - %(within)s::interval AND d.address LIKE '%%@%%'
) AS tried
WHERE place <= %(looked_at)s
GROUP BY 1, 2
