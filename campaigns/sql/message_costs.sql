-- Of each of these messages: how many were handed over, and how many units they were.
SELECT message_id, count(*), coalesce(sum(units), 0) FROM delivery_delivery
WHERE workspace_id = %(workspace)s AND message_id = ANY(%(messages)s) AND state = %(sent)s
GROUP BY message_id
