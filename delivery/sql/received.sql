-- What people (by their survivors' ids) got or are getting, this message's own aside: in 30 days of any purpose; in
-- 7 days and 1 day of offers; in 7 days of one cap group; and when the oldest of them leaves its week. What carries no
-- words (a list for an ad network) is no message.
SELECT coalesce(g.survivor_id, d.contact_id) AS contact_id,
  count(*) AS month_count,
  count(*) FILTER (WHERE m.purpose = 'marketing' AND d.queued_at > %(now)s::timestamptz - interval '7 days') AS week_count,
  count(*) FILTER (WHERE m.purpose = 'marketing' AND d.queued_at > %(now)s::timestamptz - interval '1 day') AS day_count,
  count(*) FILTER (WHERE m.cap_group = %(cap_group)s::bigint AND d.queued_at > %(now)s::timestamptz - interval '7 days')
    AS group_count,
  min(d.queued_at) FILTER (WHERE d.queued_at > %(now)s::timestamptz - interval '7 days') AS week_first,
  min(d.queued_at) AS month_first,
  max(d.queued_at) AS newest
FROM delivery_delivery d
JOIN delivery_message m ON m.workspace_id = %(workspace)s AND m.id = d.message_id 
  AND m.purpose NOT IN ('transactional', 'personal', 'answer')
LEFT JOIN delivery_sender s ON s.workspace_id = %(workspace)s AND s.id = m.sender_id
LEFT JOIN contacts_merged g ON g.workspace_id = %(workspace)s AND g.loser_id = d.contact_id
WHERE d.workspace_id = %(workspace)s AND d.contact_id = ANY(ARRAY(
    SELECT unnest(%(contacts)s::bigint[]) UNION ALL
    SELECT l.loser_id FROM contacts_merged l WHERE l.workspace_id = %(workspace)s AND l.survivor_id = ANY(%(contacts)s::bigint[])))
  AND d.state = ANY(%(counted)s) AND coalesce(s.kind <> ALL (%(uncounted)s::text[]), true)
  AND d.queued_at > %(now)s::timestamptz - interval '30 days' AND d.message_id <> %(message)s
GROUP BY 1
