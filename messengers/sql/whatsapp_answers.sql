-- What WhatsApp refused by one sender since a moment: its codes, the most frequent first.
SELECT substring(d.answer FROM '^\d{1,6}(?!\d)')::int AS code, count(*) AS times
FROM delivery_delivery d JOIN delivery_message m ON m.workspace_id = %(workspace)s AND m.id = d.message_id
  AND m.sender_id = %(sender)s
WHERE d.workspace_id = %(workspace)s AND d.queued_at > %(since)s AND d.answer ~ '^\d{1,6}(?!\d)' AND d.answer !~ '^2\d\d(?!\d)'
GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 50
