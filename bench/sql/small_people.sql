-- 500 people of each small workspace.
SELECT %(first)s + place * 500 + i AS id, w.id AS workspace_id, 'Anna Small' || i AS name, 'Anna' AS given_name,
  'Small' || i AS family_name, 'anna small' || i AS name_folded, 'anna' AS given_name_folded,
  'small' || i AS family_name_folded, 'anna' || i || '@w' || w.id || '.example' AS email, 'en' AS language, 'DE' AS country,
  'Berlin' AS city, 'berlin' AS city_folded, 2 AS contact_frequency, 1 AS dialogue_mode, true AS is_profiled,
  %(now)s::timestamptz - interval '1 hour' * (i + 1) AS created_at
FROM unnest(%(smalls)s::bigint[]) WITH ORDINALITY AS w (id, place) CROSS JOIN generate_series(0, 499) i
