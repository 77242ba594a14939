-- Their conversations: three of ten wait, one sleeps, the rest are closed.
SELECT %(first_conversation)s + n AS id, %(workspace)s::bigint AS workspace_id, %(first_author)s + n %% %(authors)s AS author_id,
  %(connection)s::bigint AS connection_id, 't' || n AS thread, 'Where is my tea ' || n AS title,
  CASE WHEN n %% 10 < 3 THEN 'waiting' WHEN n %% 10 = 3 THEN 'snoozed' ELSE 'done' END AS state,
  CASE WHEN n %% 6 = 0 THEN %(owner)s::bigint END AS assignee_id, true AS is_public,
  CASE WHEN n %% 10 < 3 THEN moment END AS waiting_since,
  CASE WHEN n %% 10 < 3 THEN %(now)s::timestamptz + interval '1 minute' * (n %% 5000) END AS due_at,
  CASE WHEN n %% 10 = 3 THEN %(now)s::timestamptz + interval '1 day' END AS snoozed_until,
  CASE WHEN n %% 10 = 3 THEN %(now)s::timestamptz + interval '1 day' END AS wake_at,
  n %% 100 AS priority, moment AS last_at, moment AS changed_at, moment AS created_at
FROM generate_series(0, %(conversations)s - 1) n
CROSS JOIN LATERAL (SELECT %(now)s::timestamptz - interval '1 minute' * (n + 1) AS moment) m
