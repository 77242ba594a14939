-- The day on which most was sent to each provider, and the first on which it was as many as counts as bulk.
SELECT provider, max(sent) AS most, min(day) FILTER (WHERE sent >= %(bulk)s) AS bulk_since
FROM (SELECT {whose} AS provider, (d.sent_at AT TIME ZONE %(zone)s)::date AS day, count(*) AS sent
  FROM delivery_delivery d JOIN delivery_message m ON m.workspace_id = %(workspace)s AND m.id = d.message_id
    AND m.sender_id = ANY(%(senders)s)
  WHERE d.workspace_id = %(workspace)s AND d.sent_at IS NOT NULL GROUP BY 1, 2) AS days
GROUP BY 1
