-- People with names, addresses of 5,000 domains, countries and cities; three of a thousand want nothing.
SELECT %(first)s + i AS id, %(workspace)s::bigint AS workspace_id, g || ' ' || f AS name, g AS given_name, f AS family_name,
  lower(g || ' ' || f) AS name_folded, lower(g) AS given_name_folded, lower(f) AS family_name_folded,
  lower(g) || '.' || lower(f) || i || '@' || domain AS email,
  CASE i %% 5 WHEN 0 THEN 'de' ELSE 'en' END AS language, country, city, lower(city) AS city_folded,
  CASE WHEN i %% 1000 < 3 THEN 0 ELSE 2 END AS contact_frequency, 1 AS dialogue_mode, true AS is_profiled,
  false AS is_anonymous,
  %(now)s::timestamptz - interval '1 second' * (60 + floor(86400.0 * 730 * power(((i * 48271::bigint) %% 1000003) / 1000003.0, 0.8)))
    AS created_at
FROM (
  SELECT i,
    (%(given)s::text[])[1 + (i * 7) %% cardinality(%(given)s::text[])] AS g,
    (%(family)s::text[])[1 + ((i / 30) * 13) %% cardinality(%(family)s::text[])] AS f,
    CASE WHEN i %% 100 < 35 THEN 'gmail.example' WHEN i %% 100 < 50 THEN 'web.example'
      WHEN i %% 100 < 60 THEN 'outlook.example' ELSE 'd' || (i * 13) %% 5000 || '.example' END AS domain,
    (ARRAY['DE', 'DE', 'DE', 'AT', 'CH', 'FR', 'NL', 'GB', 'US', 'PL'])[1 + (i * 3) %% 10] AS country,
    (ARRAY['Berlin', 'Hamburg', 'Wien', 'Bern', 'Paris', 'Utrecht', 'London', 'Boston', 'Krakow', 'Bremen', 'Essen'])
      [1 + (i * 5) %% 11] AS city
  FROM generate_series(0, %(people)s - 1) i) one
