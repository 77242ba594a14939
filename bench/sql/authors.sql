-- Public authors of five networks; every fourth is a contact.
SELECT %(first_author)s + n AS id, %(workspace)s::bigint AS workspace_id,
  (ARRAY['mastodon', 'bluesky', 'youtube', 'reviews', 'forum'])[1 + n %% 5] AS network, '@h' || n AS handle,
  'Author ' || n AS name, n %% 5000 AS followers, CASE WHEN n %% 4 = 0 THEN %(first)s + n %% %(people)s END AS contact_id,
  %(now)s::timestamptz AS seen_at
FROM generate_series(0, %(authors)s - 1) n
