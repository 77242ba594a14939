-- What these messages of a programme did to people since a moment: messages and people, who unsubscribed or complained, the
-- most that anybody got in a week of the calendar, and how many got more than the cap in one.
WITH sent AS MATERIALIZED (
  SELECT contact_id, sent_at, unsubscribed_at, complained_at FROM delivery_delivery
  WHERE workspace_id = %(workspace)s AND message_id = ANY(%(messages)s) AND state = %(sent)s AND sent_at >= %(since)s
), weeks AS (
  SELECT contact_id, count(*) AS got FROM sent GROUP BY contact_id, date_trunc('week', sent_at AT TIME ZONE %(zone)s)
)
SELECT count(*), count(DISTINCT contact_id), count(DISTINCT contact_id) FILTER (WHERE unsubscribed_at IS NOT NULL),
  count(DISTINCT contact_id) FILTER (WHERE complained_at IS NOT NULL),
  coalesce((SELECT max(got) FROM weeks), 0), (SELECT count(DISTINCT contact_id) FROM weeks WHERE got > %(cap)s)
FROM sent
