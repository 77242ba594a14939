-- Whether a chunk waits that nobody has taken, of a sender that does not rest.
SELECT EXISTS (
  SELECT FROM delivery_recipientchunk k
  JOIN delivery_message m ON m.workspace_id = %(workspace)s AND m.id = k.message_id AND m.state = %(sending)s::text
  LEFT JOIN delivery_sender s ON s.workspace_id = %(workspace)s AND s.id = m.sender_id
  WHERE coalesce(s.rests_until <= clock_timestamp(), true) AND k.workspace_id = %(workspace)s AND NOT k.is_done AND k.leased_until IS NULL
    AND coalesce(k.not_before <= clock_timestamp(), true))
