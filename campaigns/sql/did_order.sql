-- What each of `got` ordered in time, less what they gave back, in hundredths.
SELECT g.message_id, g.contact_id, sum(CASE WHEN t.kind = %(purchase)s THEN t.value_minor ELSE -t.value_minor END)::float8
  AS value FROM got g
JOIN {facts} t ON t.workspace_id = %(workspace)s AND t.contact_id = g.contact_id AND t.kind IN (%(purchase)s, %(refund)s)
  AND t.occurred_at >= %(since)s AND t.occurred_at BETWEEN g.sent_at AND g.sent_at + %(within)s
GROUP BY g.message_id, g.contact_id
