-- Of some people: their language, what they were shown or opened (or is on its way to them in another message), and what
-- was chosen for this message and occasion before, block by block, and whether that went out; the tags to which they said
-- no. People merged into somebody count as that person.
WITH people AS (
  SELECT c.id, c.id AS own, c.language FROM contacts_contact c
  WHERE c.workspace_id = %(workspace)s AND c.id = ANY(%(contacts)s::bigint[])
  UNION ALL
  SELECT m.survivor_id, m.loser_id, '' FROM contacts_merged m
  WHERE m.workspace_id = %(workspace)s AND m.survivor_id = ANY(%(contacts)s::bigint[])
)
SELECT p.id, max(p.language),
  coalesce(array_agg(s.item_id) FILTER (WHERE NOT (s.message_id = %(message)s AND s.occasion = %(occasion)s)
    AND (s.sent_at IS NOT NULL OR s.clicked_at IS NOT NULL OR s.picked_at > %(since)s)
    OR s.clicked_at IS NOT NULL AND s.sent_at IS NULL), '{}') AS had,
  coalesce(array_agg(s.item_id ORDER BY s.block, s.place) FILTER (WHERE s.message_id = %(message)s
    AND s.occasion = %(occasion)s AND s.block <> ''), '{}') AS chosen,
  coalesce(array_agg(s.block ORDER BY s.block, s.place) FILTER (WHERE s.message_id = %(message)s
    AND s.occasion = %(occasion)s AND s.block <> ''), '{}') AS blocks,
  coalesce(bool_or(s.sent_at IS NOT NULL) FILTER (WHERE s.message_id = %(message)s AND s.occasion = %(occasion)s), false),
  coalesce((SELECT array_agg(i.tag_id) FROM engagement_interest i WHERE i.workspace_id = %(workspace)s AND i.contact_id = p.id
    AND i.said = %(no)s), '{}')
FROM people p
LEFT JOIN emails_shownitem s ON s.workspace_id = %(workspace)s AND s.contact_id = p.own
GROUP BY p.id
