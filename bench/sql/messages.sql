-- A newsletter a week, the newest first.
SELECT %(first_message)s + n AS id, %(workspace)s::bigint AS workspace_id, 'Newsletter ' || n AS name,
  %(content)s::bigint AS content_id, %(topic)s::bigint AS topic_id, 'subscribed' AS purpose, 'sent' AS state,
  moment AS planned_at, CASE WHEN n = 0 THEN %(big)s WHEN n <= 10 THEN %(small)s ELSE 0 END AS planned_count,
  CASE WHEN n = 0 THEN %(big)s WHEN n <= 10 THEN %(small)s ELSE 0 END / 20 AS held_count,
  moment + interval '1 hour' AS finished_at, moment AS created_at
FROM generate_series(0, %(messages)s - 1) n
CROSS JOIN LATERAL (SELECT %(now)s::timestamptz - interval '7 days' * (n + 1) AS moment) m
