-- Lease the next chunk of a message that is being sent, for 30 s of the database's clock; two workers never get the same.
-- What goes to one person comes first, then by class, then in turns: the sender and the message that this process has not
-- served for the longest time. A sender has no more than %(most)s slots for campaigns at once, so that a server which never
-- answers holds no more than these; one that failed again and again rests, and is then tried by one slot. The oldest transaction that runs now is told for the heartbeat,
-- and whether its sender has a warm-up plan, which says how many may leave today (take_from_day.sql).
WITH open AS MATERIALIZED (
  SELECT k.message_id, bool_or(k.leased_until IS NULL AND coalesce(k.not_before <= clock_timestamp(), true)) AS is_free,
    count(k.leased_until) AS leases
  FROM delivery_recipientchunk k WHERE k.workspace_id = %(workspace)s AND NOT k.is_done GROUP BY k.message_id
), ready AS MATERIALIZED (
  SELECT m.id, m.sender_id, m.purpose, m.planned_at, open.is_free, open.leases,
    {is_urgent} AS is_urgent, s.failures
  FROM open JOIN delivery_message m ON m.workspace_id = %(workspace)s AND m.id = open.message_id
    AND m.state = %(sending)s::text
  LEFT JOIN delivery_sender s ON s.workspace_id = %(workspace)s AND s.id = m.sender_id
  WHERE coalesce(s.rests_until <= clock_timestamp(), true)
), turns AS MATERIALIZED (
  SELECT ready.* FROM ready
  WHERE is_free AND (is_urgent OR NOT %(only_urgent)s::bool AND (SELECT coalesce(sum(others.leases), 0) FROM ready AS others
    WHERE NOT others.is_urgent AND others.sender_id IS NOT DISTINCT FROM ready.sender_id)
    < CASE WHEN failures >= %(failures)s THEN 1 ELSE %(most)s END)
  ORDER BY NOT is_urgent, array_position(%(classes)s::text[], purpose::text),
    array_position(%(served_senders)s::bigint[], sender_id) NULLS FIRST,
    array_position(%(served)s::bigint[], id) NULLS FIRST, planned_at, id
), chosen AS (
  SELECT one.id FROM turns CROSS JOIN LATERAL (
    SELECT k.id FROM delivery_recipientchunk k
    WHERE k.workspace_id = %(workspace)s AND k.message_id = turns.id AND NOT k.is_done AND k.leased_until IS NULL
      AND coalesce(k.not_before <= clock_timestamp(), true)
    ORDER BY k.number LIMIT 1 FOR UPDATE SKIP LOCKED) AS one
  LIMIT 1
)
UPDATE delivery_recipientchunk AS chunk
SET epoch = chunk.epoch + 1, leased_until = clock_timestamp() + interval '30 seconds', leased_by = %(by)s
WHERE chunk.workspace_id = %(workspace)s AND chunk.id = (SELECT id FROM chosen)
RETURNING chunk.id, chunk.message_id, chunk.epoch, chunk.contact_ids, chunk.occasion,
  pg_snapshot_xmin(pg_current_snapshot())::text,
  EXISTS (SELECT FROM delivery_message m JOIN delivery_warmup w ON w.workspace_id = m.workspace_id AND w.sender_id = m.sender_id
    AND w.state <> %(ended)s::text WHERE m.workspace_id = %(workspace)s AND m.id = chunk.message_id)
