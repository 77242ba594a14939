-- The next moment to look at each of these people; none for those whom time alone cannot move.
WITH n AS (SELECT * FROM unnest(%(ids)s::bigint[], %(falls)s::timestamptz[]) AS n (contact, due_at)),
gone AS (DELETE FROM engagement_fall f USING n
         WHERE f.workspace_id = %(workspace)s AND f.contact_id = n.contact AND n.due_at IS NULL)
UPDATE engagement_fall f SET due_at = n.due_at
FROM n WHERE f.workspace_id = %(workspace)s AND f.contact_id = n.contact AND n.due_at IS NOT NULL
