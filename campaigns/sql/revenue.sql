-- Of each of these messages: what the people who clicked in it ordered within a span of their click.
WITH clicks AS MATERIALIZED (
  SELECT message_id, contact_id, clicked_at FROM delivery_delivery
  WHERE workspace_id = %(workspace)s AND message_id = ANY(%(messages)s) AND clicked_at IS NOT NULL
)
SELECT k.message_id, sum(t.value_minor) FROM clicks k
JOIN {facts} t ON t.workspace_id = %(workspace)s AND t.contact_id = k.contact_id AND t.kind = %(purchase_kind)s
  AND t.occurred_at >= %(since)s AND t.occurred_at BETWEEN k.clicked_at AND k.clicked_at + %(within)s
GROUP BY k.message_id
