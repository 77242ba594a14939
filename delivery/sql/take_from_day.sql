-- Count a chunk that was leased just now toward the day of its sender's warm-up plan, whose row is the lock: however many
-- processes send, a day never has more than its step allows. What goes to one person because of something that happened
-- is counted, and never held. Those who may go are cut off into a chunk that takes the lease over; the rest, and whatever
-- else of this sender could go now, waits until %(tomorrow)s. Chunks that others hold are put off when they are leased.
-- Returns (chunk's id, epoch, its people); an empty array when nobody may go any more today.
WITH mine AS MATERIALIZED (
  SELECT k.*, cardinality(k.contact_ids) AS people, m.sender_id,
    {is_urgent} AS is_urgent
  FROM delivery_recipientchunk k JOIN delivery_message m ON m.workspace_id = %(workspace)s AND m.id = k.message_id
  WHERE k.workspace_id = %(workspace)s AND k.id = %(chunk)s
), plan AS (
  UPDATE delivery_warmup w SET day = %(today)s::date,
    granted_count = CASE WHEN mine.is_urgent THEN mine.people ELSE least(mine.people, greatest(0,
      w.steps[w.step + 1] - CASE WHEN w.day = %(today)s::date THEN w.taken_count ELSE 0 END)) END,
    taken_count = CASE WHEN w.day = %(today)s::date THEN w.taken_count ELSE 0 END
      + CASE WHEN mine.is_urgent THEN mine.people ELSE least(mine.people, greatest(0,
        w.steps[w.step + 1] - CASE WHEN w.day = %(today)s::date THEN w.taken_count ELSE 0 END)) END
  FROM mine WHERE w.workspace_id = %(workspace)s AND w.sender_id = mine.sender_id AND w.state <> %(ended)s::text
  RETURNING w.sender_id, w.granted_count AS granted
), share AS MATERIALIZED (
  SELECT coalesce((SELECT granted FROM plan), mine.people) AS granted, EXISTS (SELECT FROM plan) AS is_counted FROM mine
), cut AS (
  INSERT INTO delivery_recipientchunk
    (workspace_id, message_id, number, occasion, contact_ids, epoch, leased_until, leased_by, counted_on, is_done)
  SELECT workspace_id, message_id, least(0, (SELECT min(o.number) FROM delivery_recipientchunk o
      WHERE o.workspace_id = %(workspace)s AND o.message_id = mine.message_id)) - 1,
    occasion, contact_ids[1:granted], 1, leased_until, leased_by, %(today)s::date, false
  FROM mine, share WHERE granted BETWEEN 1 AND people - 1
  RETURNING id, epoch, contact_ids
), own AS (
  UPDATE delivery_recipientchunk k SET
    contact_ids = CASE WHEN granted < people THEN mine.contact_ids[granted + 1:] ELSE mine.contact_ids END,
    leased_until = CASE WHEN granted < people THEN NULL ELSE mine.leased_until END,
    leased_by = CASE WHEN granted < people THEN '' ELSE mine.leased_by END,
    not_before = CASE WHEN granted < people THEN %(tomorrow)s::timestamptz ELSE mine.not_before END,
    reason = CASE WHEN granted < people THEN %(reason)s ELSE '' END,
    counted_on = CASE WHEN granted = people AND is_counted THEN %(today)s::date END
  FROM mine, share WHERE k.workspace_id = %(workspace)s AND k.id = mine.id
  RETURNING k.id, k.epoch, k.contact_ids, k.leased_until IS NOT NULL AS is_leased
), others AS (
  UPDATE delivery_recipientchunk SET not_before = %(tomorrow)s::timestamptz, reason = %(reason)s
  WHERE workspace_id = %(workspace)s AND (SELECT granted < people FROM mine, share) AND id IN (
    SELECT o.id FROM delivery_recipientchunk o
    JOIN delivery_message m ON m.workspace_id = %(workspace)s AND m.id = o.message_id AND m.state = %(sending)s::text
      AND m.sender_id = (SELECT sender_id FROM plan)
      AND NOT ({is_urgent})
    WHERE o.workspace_id = %(workspace)s AND NOT o.is_done AND o.leased_until IS NULL AND o.id <> %(chunk)s
      AND coalesce(o.not_before <= clock_timestamp(), true)
    FOR UPDATE OF o SKIP LOCKED)
)
SELECT id, epoch, contact_ids FROM cut
UNION ALL
SELECT id, epoch, CASE WHEN is_leased THEN contact_ids ELSE ARRAY[]::bigint[] END FROM own WHERE NOT EXISTS (SELECT FROM cut)
