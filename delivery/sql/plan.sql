-- Plan recipients of a message: who is in the audience, once a person and once an address; those held back by their
-- bucket and the doubles become deliveries at once, the others chunks of sorted contact ids, numbered from %(first)s on.
-- Returns (chunks' people, held, doubles). {warmth} and {order}: whoever is to go first where not all may go on one day.
-- {moment}: when each may have it, NULL for at once; {part}: in which chunk of these; {later}: when that chunk goes.
-- Doubles are told by where this message goes to: an email, a phone, a browser; "" where nothing is known. The holes
-- "unknown" and "had_address" leave out who has a word about this occasion, and count their addresses as doubles.
-- "plan_waiting" are the people of the message's open chunks, read once for all whom it may have already.
-- OFFSET 0 keeps the look at each person a look by key, also where the planner takes the workspace for an empty one.
WITH fits AS MATERIALIZED ({audience}),
plan_waiting AS MATERIALIZED (
  SELECT unnest(k.contact_ids) AS contact_id FROM delivery_recipientchunk k
  WHERE k.workspace_id = %(workspace)s AND k.message_id = %(message)s AND NOT k.is_done AND k.occasion = %(occasion)s
),
people AS MATERIALIZED (
  SELECT c.id, {held} AS is_held, c.warmth, c.moment,
    row_number() OVER (PARTITION BY CASE WHEN c.address = '' THEN c.id::text ELSE c.address END ORDER BY c.id) > 1
      {had_address} AS is_double
  FROM fits CROSS JOIN LATERAL (SELECT p.id, {address} AS address, {warmth} AS warmth, {moment} AS moment
    FROM contacts_contact p WHERE p.workspace_id = %(workspace)s AND p.id = fits.contact_id OFFSET 0) AS c
  {unknown}
), spared AS (
  INSERT INTO delivery_delivery
    (workspace_id, message_id, contact_id, occasion, address, state, reason, attempts, epoch, answer, queued_at)
  SELECT %(workspace)s, %(message)s, id, %(occasion)s, '', %(excluded)s,
    CASE WHEN is_double THEN 'same_address' ELSE 'holdout' END, 0, 0, '', clock_timestamp()
  FROM people WHERE is_double OR is_held
  RETURNING reason
), numbered AS (
  SELECT id, warmth, moment, {part} AS part
  FROM people WHERE NOT is_double AND NOT is_held
), parts AS (
  SELECT moment, part, array_agg(id ORDER BY {order}) AS ids FROM numbered GROUP BY moment, part
), chunks AS (
  INSERT INTO delivery_recipientchunk
    (workspace_id, message_id, number, occasion, contact_ids, epoch, leased_by, is_done, not_before)
  SELECT %(workspace)s, %(message)s, %(first)s + row_number() OVER (ORDER BY moment NULLS FIRST, part) - 1, %(occasion)s, ids,
    0, '', false, {later}
  FROM parts
  RETURNING cardinality(contact_ids) AS people
)
SELECT coalesce((SELECT sum(people) FROM chunks), 0), (SELECT count(*) FROM spared WHERE reason = 'holdout'),
  (SELECT count(*) FROM spared WHERE reason = 'same_address')
