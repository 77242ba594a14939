-- Who ordered in a span of time, of those reached by a campaign and of those held back from it.
WITH people AS MATERIALIZED (
  SELECT contact_id, reason = 'holdout' AS is_held FROM delivery_delivery
  WHERE workspace_id = %(workspace)s AND message_id = %(message)s AND (state = %(sent)s OR reason = 'holdout')
), buyers AS MATERIALIZED (
  SELECT DISTINCT contact_id FROM {facts} t
  WHERE workspace_id = %(workspace)s AND kind = %(purchase_kind)s AND occurred_at >= %(since)s AND occurred_at < %(until)s
)
SELECT count(*) FILTER (WHERE NOT is_held) AS reached, count(b.contact_id) FILTER (WHERE NOT is_held) AS reached_ordered,
  count(*) FILTER (WHERE is_held) AS held, count(b.contact_id) FILTER (WHERE is_held) AS held_ordered
FROM people LEFT JOIN buyers b USING (contact_id)
