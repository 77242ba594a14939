-- What four of five said about the newsletter by email; every twentieth of them first yes and, 20 days ago, no.
SELECT c.workspace_id, c.id AS contact_id, %(topic)s::bigint AS topic_id, 1 AS channel, said.state, 'consent' AS basis,
  'world' AS source, said.at
FROM contacts_contact c CROSS JOIN LATERAL (
  SELECT 1 AS state, c.created_at AS at
  UNION ALL SELECT 2, greatest(c.created_at + interval '1 second', %(now)s::timestamptz - interval '20 days')
  WHERE c.id %% 20 = 7) said
WHERE c.workspace_id = %(workspace)s AND c.id %% 100 < 80
