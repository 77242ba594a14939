-- Who enters a standing campaign: each person of the batch once for their earliest occasion, unless they have it already or
-- had it within the last %(again)s days (their occasions are days then; 0 where nobody gets it twice).
INSERT INTO campaigns_standingentry (workspace_id, standing_id, contact_id, occasion, due_at, made_at, fate)
SELECT DISTINCT ON (x.contact) %(workspace)s, %(standing)s, x.contact, x.occasion, x.due, clock_timestamp(), ''
FROM unnest(%(contacts)s::bigint[], %(occasions)s::bigint[], %(dues)s::timestamptz[]) AS x (contact, occasion, due)
WHERE NOT EXISTS (SELECT FROM campaigns_standingentry e WHERE e.workspace_id = %(workspace)s
  AND e.standing_id = %(standing)s AND e.contact_id = x.contact AND e.occasion > x.occasion - %(again)s)
ORDER BY x.contact, x.occasion
ON CONFLICT (workspace_id, standing_id, contact_id, occasion) DO NOTHING
RETURNING due_at
