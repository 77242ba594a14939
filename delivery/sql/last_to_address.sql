-- Of each address at a moment the email that it most likely speaks of: the last one of this sender that had begun to
-- leave by then, and not longer ago than `within`. One row a place that has one.
SELECT DISTINCT ON (asked.place) asked.place, d.id
FROM unnest(%(places)s::int[], %(addresses)s::text[], %(moments)s::timestamptz[]) AS asked (place, address, at)
CROSS JOIN LATERAL (
  SELECT c.id FROM contacts_contact c WHERE c.workspace_id = %(workspace)s AND c.email = asked.address
  UNION
  SELECT i.contact_id FROM contacts_identity i
  WHERE i.workspace_id = %(workspace)s AND i.kind = %(kind)s AND i.value = asked.address
) AS holder
CROSS JOIN LATERAL (
  SELECT one.id, one.queued_at
  FROM delivery_delivery one
  JOIN delivery_message m ON m.workspace_id = %(workspace)s AND m.id = one.message_id AND m.sender_id = %(sender)s
  WHERE one.workspace_id = %(workspace)s AND one.contact_id = holder.id AND one.address = asked.address
    AND one.state = ANY(%(states)s::smallint[])
    AND one.queued_at <= asked.at AND one.queued_at > asked.at - %(within)s::interval
  ORDER BY one.queued_at DESC LIMIT 1
) AS d
ORDER BY asked.place, d.queued_at DESC, d.id
