-- First opens and clicks of people anew from the ledger, for deliveries of which a sign turned out to be a machine's.
UPDATE delivery_delivery AS d
SET opened_at = s.opened, clicked_at = s.clicked
FROM unnest(%(messages)s::bigint[], %(contacts)s::bigint[]) AS asked (message, contact)
CROSS JOIN LATERAL (
  SELECT min(t.occurred_at) AS opened,  -- who clicked had opened
    min(t.occurred_at) FILTER (WHERE t.kind = %(clicked)s) AS clicked
  FROM touchpoints_touchpoint t
  LEFT JOIN touchpoints_correctedfact k ON k.workspace_id = t.workspace_id AND k.touchpoint_id = t.id
  WHERE t.workspace_id = %(workspace)s AND t.contact_id = asked.contact AND t.message_id = asked.message
    AND t.kind IN (%(opened)s, %(clicked)s) AND coalesce(k.certainty, t.certainty) = %(human)s
    AND NOT coalesce(k.is_deleted, false)
) AS s
WHERE d.workspace_id = %(workspace)s AND d.message_id = asked.message AND d.contact_id = asked.contact
