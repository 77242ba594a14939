-- A message went out to some people: what it held for them counts as shown from this moment on.
UPDATE emails_shownitem AS s SET sent_at = x.sent_at
FROM unnest(%(contacts)s::bigint[], %(moments)s::timestamptz[]) AS x (contact, sent_at)
WHERE s.workspace_id = %(workspace)s AND s.message_id = %(message)s AND s.occasion = %(occasion)s
  AND s.contact_id = x.contact AND s.block <> '' AND s.sent_at IS NULL
