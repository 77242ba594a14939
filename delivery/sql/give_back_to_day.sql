-- Of a chunk that was counted toward a day %(unused)s people were not handed over: as many others may go that day. What was
-- put off first of each message may go again; it had been due when it was put off. Nothing when that day is over.
WITH plan AS (
  UPDATE delivery_warmup w SET taken_count = greatest(w.taken_count - %(unused)s, 0)
  WHERE w.workspace_id = %(workspace)s AND w.sender_id = %(sender)s AND w.day = %(day)s::date
  RETURNING w.sender_id, w.steps[w.step + 1] - w.taken_count AS left_count
)
UPDATE delivery_recipientchunk SET not_before = NULL, reason = ''
WHERE workspace_id = %(workspace)s AND id IN (
  SELECT first.id FROM plan
  JOIN delivery_message m ON m.workspace_id = %(workspace)s AND m.sender_id = plan.sender_id AND m.state = %(sending)s::text
  CROSS JOIN LATERAL (
    SELECT k.id FROM delivery_recipientchunk k
    WHERE k.workspace_id = %(workspace)s AND k.message_id = m.id AND NOT k.is_done AND k.reason = %(reason)s
    ORDER BY k.number LIMIT 1 FOR UPDATE SKIP LOCKED) AS first
  WHERE plan.left_count > 0)
RETURNING id
