-- The newest newsletter to half of the people, the ten before it to one of twenty each; every twentieth without consent.
SELECT %(workspace)s::bigint AS workspace_id, m.id AS message_id, %(first)s + i AS contact_id,
  CASE WHEN i %% 20 = 7 THEN '' ELSE c.email END AS address, CASE WHEN i %% 20 = 7 THEN 5 ELSE 2 END AS state,
  CASE WHEN i %% 20 = 7 THEN 'no_consent' ELSE '' END AS reason, 1 AS attempts, 1 AS epoch, m.planned_at AS queued_at,
  CASE WHEN i %% 20 <> 7 THEN m.planned_at + interval '5 minutes' END AS sent_at,
  CASE WHEN i %% 20 <> 7 AND i %% 3 = 0 THEN m.planned_at + interval '1 day' END AS opened_at,
  CASE WHEN i %% 20 = 3 THEN m.planned_at + interval '1 day' END AS clicked_at
FROM delivery_message m
CROSS JOIN LATERAL generate_series(0, m.planned_count - 1) i
JOIN contacts_contact c ON c.workspace_id = %(workspace)s AND c.id = %(first)s + i
WHERE m.workspace_id = %(workspace)s AND m.id >= %(first_message)s AND m.planned_count > 0
