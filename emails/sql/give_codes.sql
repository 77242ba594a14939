-- Give each of these contacts a code of the pool for this message and occasion: the one they have for it already, else one
-- that is free. Two claimers never get the same; who comes back with no code finds none left. `is_new`: given just now.
WITH asked AS MATERIALIZED (
  SELECT x.contact FROM unnest(%(contacts)s::bigint[]) AS x (contact)
), kept AS MATERIALIZED (
  SELECT c.contact_id AS contact, c.code FROM asked JOIN emails_offercode c ON c.workspace_id = %(workspace)s
    AND c.contact_id = asked.contact AND c.pool_id = %(pool)s AND c.message_id = %(message)s AND c.occasion = %(occasion)s
    AND c.given_at IS NOT NULL AND NOT c.is_shared
), lacking AS MATERIALIZED (
  SELECT contact, row_number() OVER (ORDER BY contact) AS place FROM asked
  WHERE NOT EXISTS (SELECT FROM kept WHERE kept.contact = asked.contact)
), free AS MATERIALIZED (
  SELECT c.id FROM emails_offercode c WHERE c.workspace_id = %(workspace)s AND c.pool_id = %(pool)s
    AND c.given_at IS NULL AND c.redeemed_at IS NULL AND c.withdrawn_at IS NULL
  ORDER BY c.id LIMIT (SELECT count(*) FROM lacking) FOR UPDATE SKIP LOCKED
), numbered AS MATERIALIZED (
  SELECT id, row_number() OVER (ORDER BY id) AS place FROM free
), given AS (
  UPDATE emails_offercode AS c SET contact_id = lacking.contact, message_id = %(message)s, occasion = %(occasion)s,
    given_at = %(at)s
  FROM numbered JOIN lacking USING (place) WHERE c.workspace_id = %(workspace)s AND c.id = numbered.id
  RETURNING c.contact_id, c.code
)
SELECT contact, code, false AS is_new FROM kept UNION ALL SELECT contact_id, code, true FROM given
