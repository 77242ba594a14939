-- What they wrote.
SELECT %(workspace)s::bigint AS workspace_id, %(connection)s::bigint AS connection_id,
  %(first_conversation)s + n %% %(conversations)s AS conversation_id,
  %(first_author)s + (n %% %(conversations)s) %% %(authors)s AS author_id,
  (ARRAY['mastodon', 'bluesky', 'youtube', 'reviews', 'forum'])[1 + n %% 5] AS network, 'm' || n AS remote_id,
  'My tea did not arrive, where is it? ' || n AS text, 'en' AS language,
  (ARRAY['neg', 'neu', 'pos'])[1 + n %% 3] AS sentiment, n %% 2000 - 1000 AS sentiment_milli, 500 AS confidence_milli,
  'vader' AS engine, 'question' AS intent, moment AS published_at, moment AS received_at
FROM generate_series(0, %(mentions)s - 1) n
CROSS JOIN LATERAL (SELECT %(now)s::timestamptz - interval '1 minute' * (n + 1) AS moment) m
