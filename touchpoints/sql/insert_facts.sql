-- Facts of a batch into the ledger. Their people are held until the transaction ends, in the order of their ids: whoever
-- holds some of them for themselves (rebuilding) waits or is waited for, and nobody deletes one meanwhile. Facts that were
-- there already are left out. Answers how many people are held (fewer than asked: some do not exist, and all of this is to
-- be undone), of whom of them no profile is made, and how many facts were written, then which, where not all of them were.
WITH held AS MATERIALIZED (
  SELECT one.person, one.is_profiled FROM (SELECT DISTINCT id FROM unnest(%(row_contact_id)s::bigint[]) AS f (id) ORDER BY id) f
  CROSS JOIN LATERAL (
    SELECT c.id AS person, c.is_profiled AND c.erased_at IS NULL AS is_profiled FROM contacts_contact c
    WHERE c.workspace_id = %(workspace)s AND c.id = f.id OFFSET 0 FOR KEY SHARE) one
), added AS (
  INSERT INTO touchpoints_touchpoint (workspace_id, id, occurred_at, received_at, contact_id, identity_id, actor_id,
    channel, kind, direction, source_id, message_id, sentiment_milli, value_minor, currency, weight_milli, certainty,
    external_id, payload)
  SELECT %(workspace)s, id, to_timestamp(ms / 1000.0::float8), %(received)s::timestamptz, contact, identity, actor,
    channel, kind, direction, %(source)s, message, sentiment, value, nullif(currency, ''), weight, certainty,
    external_id, payload::jsonb
  FROM unnest(%(ids)s::uuid[], %(row_ms)s::bigint[], %(row_contact_id)s::bigint[], %(identities)s::bigint[],
      %(actors)s::bigint[], %(row_channel)s::smallint[], %(row_kind)s::smallint[], %(row_direction)s::smallint[],
      %(row_message_id)s::bigint[], %(row_sentiment_milli)s::smallint[], %(row_value_minor)s::bigint[],
      %(currencies)s::text[], %(row_weight_milli)s::int[], %(row_certainty)s::smallint[], %(external_ids)s::text[],
      string_to_array(%(payloads)s::text, chr(10)))
    AS f (id, ms, contact, identity, actor, channel, kind, direction, message, sentiment, value, currency, weight,
      certainty, external_id, payload)
  ORDER BY contact
  ON CONFLICT DO NOTHING
  RETURNING id
), total AS (
  SELECT count(*) AS count FROM added
)
SELECT (SELECT count(*) FROM held), ARRAY(SELECT person FROM held WHERE NOT is_profiled), count, NULL::text FROM total
UNION ALL
SELECT 0, NULL, count, id::text FROM added, total WHERE count < %(asked)s
