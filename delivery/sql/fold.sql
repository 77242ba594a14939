-- What came back, onto its deliveries, whose rows the caller holds.
UPDATE delivery_delivery AS d
SET state = x.state, answer = x.answer, sent_at = x.sent_at, delivered_at = x.delivered_at,
  soft_bounced_at = x.soft_bounced_at, bounced_at = x.bounced_at, complained_at = x.complained_at,
  unsubscribed_at = x.unsubscribed_at
FROM unnest(%(ids)s::bigint[], %(state)s::smallint[], %(answer)s::text[], %(sent_at)s::timestamptz[],
  %(delivered_at)s::timestamptz[], %(soft_bounced_at)s::timestamptz[], %(bounced_at)s::timestamptz[],
  %(complained_at)s::timestamptz[], %(unsubscribed_at)s::timestamptz[])
  AS x (id, state, answer, sent_at, delivered_at, soft_bounced_at, bounced_at, complained_at, unsubscribed_at)
WHERE d.workspace_id = %(workspace)s AND d.id = x.id
