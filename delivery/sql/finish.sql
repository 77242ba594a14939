-- Each person's result, for rows that this lease itself made ready. Who waits again without having been tried has lost
-- no attempt. What came back faster than the server's own answer stays.
UPDATE delivery_delivery AS d
SET state = x.state, reason = x.reason, sent_at = x.sent_at, not_before = x.not_before, units = x.units,
  answer = CASE WHEN d.bounced_at IS NULL AND d.soft_bounced_at IS NULL THEN x.answer ELSE d.answer END,
  attempts = d.attempts - CASE WHEN x.state = %(queued)s OR x.reason = 'throttled' THEN 1 ELSE 0 END,
  bounced_at = CASE WHEN x.state = %(failed)s THEN clock_timestamp() ELSE d.bounced_at END
FROM unnest(%(contacts)s::bigint[], %(states)s::smallint[], %(reasons)s::text[], %(answers)s::text[],
  %(sent_at)s::timestamptz[], %(moments)s::timestamptz[], %(units)s::smallint[])
  AS x (contact, state, reason, answer, sent_at, not_before, units)
WHERE d.workspace_id = %(workspace)s AND d.message_id = %(message)s AND d.occasion = %(occasion)s
  AND d.contact_id = x.contact AND d.epoch = %(epoch)s AND d.state = %(sending)s
RETURNING d.contact_id, d.attempts, d.address
