-- How many of these people got so many messages or more since then.
SELECT count(*) FROM unnest(%(contacts)s::bigint[]) AS x (contact)
WHERE (SELECT count(*) FROM delivery_delivery d WHERE d.workspace_id = %(workspace)s AND d.contact_id = x.contact
  AND d.queued_at >= %(since)s AND d.state = %(sent)s) >= %(often)s
