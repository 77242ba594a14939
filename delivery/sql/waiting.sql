-- Whether a chunk waits that nobody has taken.
SELECT EXISTS (
  SELECT FROM delivery_recipientchunk k
  JOIN delivery_message m ON m.workspace_id = %(workspace)s AND m.id = k.message_id AND m.state = %(sending)s::text
  WHERE k.workspace_id = %(workspace)s AND NOT k.is_done AND k.leased_until IS NULL
    AND coalesce(k.not_before <= clock_timestamp(), true))
