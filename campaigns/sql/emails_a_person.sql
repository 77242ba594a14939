-- How many people got one, two, three … of these messages.
SELECT number, count(*) FROM (
  SELECT contact_id, count(DISTINCT message_id) AS number FROM delivery_delivery
  WHERE workspace_id = %(workspace)s AND message_id = ANY(%(messages)s) AND sent_at IS NOT NULL
  GROUP BY contact_id
) AS each GROUP BY number ORDER BY number
