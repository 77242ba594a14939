-- Who of `got` did this in time.
SELECT DISTINCT g.message_id, g.contact_id, 1::float8 AS value FROM got g
JOIN {facts} t ON t.workspace_id = %(workspace)s AND t.contact_id = g.contact_id AND t.kind = %(kind)s
  AND t.occurred_at >= %(since)s AND t.occurred_at BETWEEN g.sent_at AND g.sent_at + %(within)s
