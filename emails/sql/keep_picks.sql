-- What was chosen for some people in one message: kept once; what stands from an earlier try stays as it is.
INSERT INTO emails_shownitem (workspace_id, contact_id, item_id, message_id, occasion, block, place, picked_at)
SELECT %(workspace)s, x.contact, x.item, %(message)s, %(occasion)s, x.block, x.place, %(at)s
FROM unnest(%(contacts)s::bigint[], %(items)s::bigint[], %(blocks)s::text[], %(places)s::smallint[])
  AS x (contact, item, block, place)
CROSS JOIN LATERAL (SELECT FROM emails_libraryitem i WHERE i.workspace_id = %(workspace)s AND i.id = x.item FOR KEY SHARE) AS there
ON CONFLICT (workspace_id, contact_id, item_id, message_id, occasion) DO NOTHING
