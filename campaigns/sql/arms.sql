-- Of each version of a test: who waits for it, who got it, and the sum of what they did and of its squares. The hole "did"
-- selects what the people of `got` did, a value for each.
WITH got AS MATERIALIZED (
  SELECT message_id, contact_id, sent_at, clicked_at FROM delivery_delivery
  WHERE workspace_id = %(workspace)s AND message_id = ANY(%(messages)s) AND state = %(sent)s AND sent_at <= %(until)s
), did AS MATERIALIZED ({did}), sums AS (
  SELECT g.message_id, count(*) AS people, coalesce(sum(d.value), 0) AS total, coalesce(sum(d.value * d.value), 0) AS squares
  FROM got g LEFT JOIN did d USING (message_id, contact_id) GROUP BY g.message_id
), waiting AS (
  SELECT message_id, sum(cardinality(contact_ids)) AS people FROM delivery_recipientchunk
  WHERE workspace_id = %(workspace)s AND message_id = ANY(%(messages)s) AND NOT is_done GROUP BY message_id
)
SELECT m.id, coalesce(w.people, 0), coalesce(s.people, 0), coalesce(s.total, 0), coalesce(s.squares, 0)
FROM unnest(%(messages)s::bigint[]) AS m (id) LEFT JOIN sums s ON s.message_id = m.id
LEFT JOIN waiting w ON w.message_id = m.id
