-- What people (by their survivors' ids) got or are getting in so many days, this message's own aside: of any purpose; of
-- offers in 7 days and 1 day of them; of one cap group in 7 days; and when the oldest leaves its week. What carries no words
-- (a list for an ad network) is no message. Their rows are found in one walk through an index, then joined to the few
-- messages that they are of.
SELECT coalesce(g.survivor_id, d.contact_id) AS contact_id,
  count(*) AS messages,
  count(*) FILTER (WHERE m.purpose = 'marketing' AND d.queued_at > %(now)s::timestamptz - interval '7 days') AS offers_week,
  count(*) FILTER (WHERE m.purpose = 'marketing' AND d.queued_at > %(now)s::timestamptz - interval '1 day') AS offers_day,
  count(*) FILTER (WHERE m.cap_group = %(cap_group)s AND d.queued_at > %(now)s::timestamptz - interval '7 days') AS group_week,
  min(d.queued_at) FILTER (WHERE d.queued_at > %(now)s::timestamptz - interval '7 days') AS week_first,
  min(d.queued_at) AS first,
  max(d.queued_at) AS newest
FROM (
    SELECT * FROM delivery_delivery d
    WHERE d.workspace_id = %(workspace)s AND d.contact_id = ANY(ARRAY(
        SELECT unnest(%(contacts)s::bigint[]) UNION ALL
        SELECT l.loser_id FROM contacts_merged l
        WHERE l.workspace_id = %(workspace)s AND l.survivor_id = ANY(%(contacts)s::bigint[])))
      AND d.state = ANY(%(counted)s::smallint[]) AND d.message_id <> %(message)s
      AND d.queued_at > %(now)s::timestamptz - make_interval(days => %(days)s::int) OFFSET 0) AS d
JOIN delivery_message m ON m.workspace_id = %(workspace)s AND m.id = d.message_id
  AND m.purpose NOT IN ('transactional', 'personal', 'answer')
LEFT JOIN delivery_sender s ON s.workspace_id = %(workspace)s AND s.id = m.sender_id
LEFT JOIN contacts_merged g ON g.workspace_id = %(workspace)s AND g.loser_id = d.contact_id
WHERE coalesce(s.kind <> ALL (%(uncounted)s::text[]), true)
GROUP BY 1
