-- 2,000 page views of each small workspace.
SELECT (%(smalls)s::bigint[])[1 + n %% cardinality(%(smalls)s::bigint[])] AS workspace_id,
  (lpad(to_hex(ms), 12, '0') || '7' || substr(h, 1, 3) || 'a' || substr(h, 4, 15))::uuid AS id,
  to_timestamp(ms / 1000.0::float8) AS occurred_at, to_timestamp(ms / 1000.0::float8) AS received_at,
  %(first)s + (1 + n %% cardinality(%(smalls)s::bigint[])) * 500 + (n / 101) %% 500 AS contact_id, 2 AS channel, 10 AS kind,
  0 AS direction, 1 AS source_id, 1000 AS weight_milli, 0 AS certainty, 's' || n AS external_id, '{}'::jsonb AS payload
FROM (
  SELECT n, md5('small' || n || '/' || %(seed)s) AS h,
    (extract(epoch FROM %(now)s::timestamptz) * 1000 - 1000.0 * 86400 * 720
      * ((hashint8extended(n, %(seed)s + 2) & 1073741823) / 1073741824.0::float8) - 60000)::bigint AS ms
  FROM generate_series(0, 2000 * cardinality(%(smalls)s::bigint[]) - 1) n) s
