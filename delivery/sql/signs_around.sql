-- Opens and clicks of these people and emails that stand in the ledger around some moments, as they count now.
SELECT t.id, t.message_id, t.contact_id, t.occurred_at, coalesce(k.certainty, t.certainty) AS certainty,
  CASE WHEN t.kind = %(clicked)s AND t.payload->>'link' ~ '^[0-9]{1,6}$' THEN (t.payload->>'link')::int END AS link,
  t.kind = %(clicked)s AS is_click
FROM unnest(%(messages)s::bigint[], %(contacts)s::bigint[], %(firsts)s::timestamptz[], %(lasts)s::timestamptz[])
  AS asked (message, contact, first, last)
JOIN touchpoints_touchpoint t ON t.workspace_id = %(workspace)s AND t.contact_id = asked.contact
  AND t.occurred_at BETWEEN asked.first AND asked.last
  AND t.message_id = asked.message AND t.kind IN (%(opened)s, %(clicked)s)
LEFT JOIN touchpoints_correctedfact k ON k.workspace_id = t.workspace_id AND k.touchpoint_id = t.id
WHERE NOT coalesce(k.is_deleted, false)
