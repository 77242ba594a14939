-- Clicks on addresses that are things of the library: each leaves the first moment at which somebody opened the thing,
-- on the row of the message that showed it, or on one of its own.
INSERT INTO emails_shownitem AS s (workspace_id, contact_id, item_id, message_id, occasion, block, place, picked_at, clicked_at)
SELECT DISTINCT ON (x.contact, i.id, x.message) %(workspace)s, x.contact, i.id, x.message, 0, '', 0, x.clicked_at, x.clicked_at
FROM unnest(%(contacts)s::bigint[], %(messages)s::bigint[], %(urls)s::text[], %(moments)s::timestamptz[])
  AS x (contact, message, url, clicked_at)
JOIN emails_libraryitem i ON i.workspace_id = %(workspace)s AND i.url = x.url
JOIN contacts_contact c ON c.workspace_id = %(workspace)s AND c.id = x.contact
ORDER BY x.contact, i.id, x.message, x.clicked_at
ON CONFLICT (workspace_id, contact_id, item_id, message_id, occasion) DO UPDATE
SET clicked_at = least(s.clicked_at, excluded.clicked_at)
