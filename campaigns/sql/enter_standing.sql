-- Who enters a standing campaign: each person of the batch once for their earliest occasion, unless they, or somebody who
-- turned out to be them, had it already: ever (%(once)s), for this occasion, or within the last %(again)s days. Occasions
-- are days then; 0 is of a time when nobody got it twice.
INSERT INTO campaigns_standingentry (workspace_id, standing_id, contact_id, occasion, due_at, made_at, fate)
SELECT DISTINCT ON (x.contact) %(workspace)s, %(standing)s, x.contact, x.occasion, x.due, clock_timestamp(), ''
FROM unnest(%(contacts)s::bigint[], %(occasions)s::bigint[], %(dues)s::timestamptz[]) AS x (contact, occasion, due)
WHERE NOT EXISTS (SELECT FROM (SELECT x.contact AS id UNION ALL SELECT m.loser_id FROM contacts_merged m
    WHERE m.workspace_id = %(workspace)s AND m.survivor_id = x.contact) AS they
  JOIN campaigns_standingentry e ON e.workspace_id = %(workspace)s AND e.standing_id = %(standing)s
    AND e.contact_id = they.id
  WHERE %(once)s OR e.occasion = x.occasion OR (%(again)s > 0 AND (e.occasion > x.occasion - %(again)s
    OR (e.occasion = 0 AND coalesce(e.done_at, e.due_at) > x.due - %(again)s * interval '1 day'))))
ORDER BY x.contact, x.occasion
ON CONFLICT (workspace_id, standing_id, contact_id, occasion) DO NOTHING
RETURNING due_at
