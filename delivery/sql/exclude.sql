-- Who was about to be sent to is not, and why; nothing was tried.
UPDATE delivery_delivery AS d SET state = %(excluded)s, reason = x.reason, attempts = greatest(d.attempts - 1, 0)
FROM unnest(%(contacts)s::bigint[], %(reasons)s::text[]) AS x (contact, reason)
WHERE d.workspace_id = %(workspace)s AND d.message_id = %(message)s AND d.contact_id = x.contact AND d.occasion = %(occasion)s
  AND d.state = %(sending)s
