-- Of each of these messages: to how many people it was delivered, and how many people, no machines, opened and clicked.
SELECT message_id, count(*) FILTER (WHERE state = %(sent)s AND bounced_at IS NULL), count(opened_at), count(clicked_at)
FROM delivery_delivery WHERE workspace_id = %(workspace)s AND message_id = ANY(%(messages)s)
GROUP BY message_id
