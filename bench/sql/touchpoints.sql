-- Facts with a human skew: contact = floor(people * u^2.5) of a shuffled order, over 24 months and denser lately, of 50
-- parts by kind. `h` are seeded hashes of the fact's number, so that every world of one seed is the same.
SELECT %(workspace)s::bigint AS workspace_id,
  (lpad(to_hex(ms), 12, '0') || '7' || substr(h, 1, 3) || 'a' || substr(h, 4, 15))::uuid AS id,
  to_timestamp(ms / 1000.0::float8) AS occurred_at, to_timestamp(ms / 1000.0::float8) AS received_at,
  contact AS contact_id, contact AS identity_id, (%(channels)s::smallint[])[kind] AS channel, kind,
  (kind = 1)::int AS direction, %(source)s::bigint AS source_id,
  CASE WHEN kind IN (1, 3, 4) THEN %(message)s::bigint + n %% %(messages)s END AS message_id,
  CASE WHEN kind IN (30, 31, 33, 34, 40, 50) THEN (n * 7919 %% 2000 - 700)::int END AS sentiment_milli,
  CASE WHEN kind = 20 THEN 500 + n * 104729 %% 9000 END AS value_minor, CASE WHEN kind = 20 THEN 'EUR' END AS currency,
  1000 AS weight_milli, CASE WHEN kind = 3 AND n %% 10 = 0 THEN 2 ELSE 0 END AS certainty, 'w' || n AS external_id,
  CASE WHEN kind = 10 THEN jsonb_build_object('url', 'https://kettle.example/tea/' || n %% 500, 'title', 'Tea')
    WHEN kind = 4 THEN jsonb_build_object('link', 1 + n %% 9) ELSE '{}'::jsonb END AS payload
FROM (
  SELECT n, md5('fact' || n || '/' || %(seed)s) AS h,
    %(first)s + (floor(%(people)s * power(u1, 2.5))::bigint * 7919 + 13) %% %(people)s AS contact,
    (extract(epoch FROM %(now)s::timestamptz) * 1000 - 1000.0 * 86400 * 720 * power(u2, 1.2) - 60000)::bigint AS ms,
    CASE WHEN rare < 5 THEN 30 WHEN rare < 8 THEN 40 WHEN rare < 11 THEN 50 WHEN rare < 16 THEN 34
      ELSE (ARRAY[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,3,3,3,3,3,3,3,3,3,4,4,10,10,10,10,10,10,10,10,10,10,10,10,11,11,
        11,11,20,20,31,33,13,22])[1 + (slot %% 50)::int] END AS kind
  FROM (
    SELECT n, (a & 1073741823) / 1073741824.0::float8 AS u1, (b & 1073741823) / 1073741824.0::float8 AS u2,
      (a >> 32) & 65535 AS slot, ((b >> 32) & 65535) %% 1000 AS rare
    FROM generate_series(%(from)s::bigint, %(to)s::bigint) n
    CROSS JOIN LATERAL (SELECT hashint8extended(n, %(seed)s) AS a, hashint8extended(n, %(seed)s + 1) AS b) r) rolled) s
