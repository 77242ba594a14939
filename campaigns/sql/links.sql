-- People and machines on each link of a campaign, and how many of those people ordered within a span after clicking.
WITH clicks AS MATERIALIZED (
  SELECT contact_id, certainty, (payload ->> 'link')::int AS number, min(occurred_at) AS at
  FROM {facts} t
  WHERE workspace_id = %(workspace)s AND kind = %(clicked_kind)s AND message_id = %(message)s AND occurred_at >= %(since)s
    AND payload ->> 'link' ~ '^\d{1,4}$'
  GROUP BY 1, 2, 3
), buyers AS MATERIALIZED (
  SELECT DISTINCT k.contact_id, k.number FROM clicks k
  JOIN {facts} t ON t.workspace_id = %(workspace)s AND t.contact_id = k.contact_id AND t.kind = %(purchase_kind)s
    AND t.occurred_at >= %(since)s AND t.occurred_at BETWEEN k.at AND k.at + %(within)s
  WHERE k.certainty = 0
)
SELECT l.number, l.url, l.label, count(DISTINCT k.contact_id) FILTER (WHERE k.certainty = 0) AS people,
  count(DISTINCT k.contact_id) FILTER (WHERE k.certainty > 0) AS machines,
  (SELECT count(*) FROM buyers b WHERE b.number = l.number) AS orders
FROM delivery_trackedlink l LEFT JOIN clicks k ON k.number = l.number
WHERE l.workspace_id = %(workspace)s AND l.message_id = %(message)s
GROUP BY l.number, l.url, l.label ORDER BY people DESC, l.number
