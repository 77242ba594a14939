-- Write down whom we are about to write to, and whom not and why. The unique key is the lock: whoever is not returned
-- is not written to. Only rows that wait (0) or are to be tried again by now (3) are taken over.
INSERT INTO campaigns_delivery AS d
  (workspace_id, campaign_id, contact_id, address, state, reason, attempts, epoch, answer, not_before, queued_at)
SELECT %(workspace)s, %(campaign)s, x.contact, x.address, x.state, x.reason, CASE WHEN x.state = 1 THEN 1 ELSE 0 END,
  %(epoch)s, '', x.not_before, clock_timestamp()
FROM unnest(%(contacts)s::bigint[], %(addresses)s::text[], %(states)s::int[], %(reasons)s::text[],
  %(moments)s::timestamptz[]) AS x (contact, address, state, reason, not_before)
ON CONFLICT (workspace_id, campaign_id, contact_id) DO UPDATE
SET state = excluded.state, reason = excluded.reason, address = excluded.address, epoch = excluded.epoch,
  attempts = d.attempts + excluded.attempts, not_before = excluded.not_before
WHERE d.state = 0 OR (d.state = 3 AND d.not_before <= clock_timestamp())
RETURNING d.contact_id, d.state, d.attempts
