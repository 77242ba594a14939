-- The newest emails to each of these addresses, whoever holds it: what came of them, for counting bounces in a row.
SELECT asked.address, d.state, d.reason, d.answer, coalesce(d.sent_at, d.queued_at) AS at,
  d.bounced_at, d.soft_bounced_at, d.delivered_at, d.opened_at, d.clicked_at
FROM unnest(%(addresses)s::text[]) AS asked (address)
CROSS JOIN LATERAL (
  SELECT c.id FROM contacts_contact c WHERE c.workspace_id = %(workspace)s AND c.email = asked.address
  UNION
  SELECT i.contact_id FROM contacts_identity i
  WHERE i.workspace_id = %(workspace)s AND i.kind = %(kind)s AND i.value = asked.address
) AS holder
CROSS JOIN LATERAL (
  SELECT one.* FROM delivery_delivery one
  WHERE one.workspace_id = %(workspace)s AND one.contact_id = holder.id AND one.address = asked.address
  ORDER BY one.queued_at DESC LIMIT %(most)s
) AS d
