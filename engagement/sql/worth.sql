-- What one person bought: amount less refunds, and how often.
SELECT coalesce(sum(CASE WHEN t.kind = %(purchase)s THEN t.value_minor ELSE -t.value_minor END), 0),
  count(*) FILTER (WHERE t.kind = %(purchase)s)
FROM {facts} t
WHERE t.workspace_id = %(workspace)s AND t.contact_id = ANY(%(contacts)s) AND t.kind IN (%(purchase)s, %(refund)s)
