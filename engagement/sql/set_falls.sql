-- The next moment to look at each of these people; none for those whom time alone cannot move.
WITH n AS (SELECT * FROM unnest(%(ids)s::bigint[], %(falls)s::timestamptz[]) AS n (contact, due_at)),
gone AS (DELETE FROM engagement_fall f USING n
         WHERE f.workspace_id = %(workspace)s AND f.contact_id = n.contact AND n.due_at IS NULL)
INSERT INTO engagement_fall AS f (workspace_id, contact_id, due_at)
SELECT %(workspace)s, contact, due_at FROM n WHERE due_at IS NOT NULL ORDER BY contact
ON CONFLICT (workspace_id, contact_id) DO UPDATE SET due_at = excluded.due_at WHERE f.due_at <> excluded.due_at
