-- Whoever has not been claimed yet is written down as cancelled, so that nobody is missing from the sum.
INSERT INTO delivery_delivery AS d
  (workspace_id, message_id, contact_id, occasion, address, state, reason, attempts, epoch, answer, queued_at)
SELECT %(workspace)s, %(message)s, person, k.occasion, '', %(cancelled)s, '', 0, 0, '', clock_timestamp()
FROM delivery_recipientchunk k, unnest(k.contact_ids) AS person
WHERE k.workspace_id = %(workspace)s AND k.message_id = %(message)s AND NOT k.is_done AND k.leased_until IS NULL
ON CONFLICT (workspace_id, message_id, contact_id, occasion) DO UPDATE SET state = %(cancelled)s, reason = ''
WHERE d.state IN (%(queued)s, %(deferred)s)
