-- Lease the next chunk of a message that is being sent, for 30 s of the database's clock; two workers never get the same.
-- What goes to one person does not queue up behind a campaign.
UPDATE delivery_recipientchunk AS chunk
SET epoch = chunk.epoch + 1, leased_until = clock_timestamp() + interval '30 seconds', leased_by = %(by)s
WHERE chunk.workspace_id = %(workspace)s AND chunk.id = (
  SELECT k.id FROM delivery_recipientchunk k
  JOIN delivery_message m ON m.workspace_id = %(workspace)s AND m.id = k.message_id AND m.state = %(sending)s
  WHERE k.workspace_id = %(workspace)s AND NOT k.is_done AND k.leased_until IS NULL
    AND coalesce(k.not_before <= clock_timestamp(), true)
  ORDER BY m.planned_count > 1, m.planned_at, k.number LIMIT 1 FOR UPDATE OF k SKIP LOCKED)
RETURNING chunk.id, chunk.message_id, chunk.epoch, chunk.contact_ids, chunk.occasion
