-- Write down whom we are about to send to, and whom not and why. The unique key is the lock: whoever is not returned
-- gets nothing. Only rows that wait (queued) or are to be tried again by now (deferred) are taken over; who was deleted
-- meanwhile has none.
INSERT INTO delivery_delivery AS d (workspace_id, message_id, contact_id, occasion, address, state, reason, attempts, epoch,
  answer, not_before, queued_at)
SELECT %(workspace)s, %(message)s, x.contact, %(occasion)s, x.address, x.state, x.reason,
  CASE WHEN x.state = %(sending)s THEN 1 ELSE 0 END, %(epoch)s, '', x.not_before, clock_timestamp()
FROM unnest(%(contacts)s::bigint[], %(addresses)s::text[], %(states)s::smallint[], %(reasons)s::text[],
  %(moments)s::timestamptz[]) AS x (contact, address, state, reason, not_before)
CROSS JOIN LATERAL (SELECT FROM contacts_contact c WHERE c.workspace_id = %(workspace)s AND c.id = x.contact OFFSET 0) AS there
ON CONFLICT (workspace_id, message_id, contact_id, occasion) DO UPDATE
SET state = excluded.state, reason = excluded.reason, address = excluded.address, epoch = excluded.epoch,
  attempts = d.attempts + excluded.attempts, not_before = excluded.not_before
WHERE d.state = %(queued)s OR (d.state = %(deferred)s AND d.not_before <= clock_timestamp())
RETURNING d.contact_id, d.state, d.attempts
