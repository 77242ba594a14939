-- The interests of some people anew from the ledger, the tags of links and pages, and their own words (of several people
-- merged into one the newest). %(contacts)s: who stands for everybody merged into them; their old rows are gone already.
WITH spoken AS (
  SELECT contact, tag, kind, day, count(*)::int AS n FROM ({spoken}) AS s GROUP BY 1, 2, 3, 4
), stored AS (
  INSERT INTO engagement_interestday (workspace_id, contact_id, tag_id, kind, day, count, added)
  SELECT %(workspace)s, contact, tag, kind, day, n, n FROM spoken ORDER BY contact, tag, kind, day
  RETURNING contact_id, tag_id, kind, day, count
), summed AS (
  SELECT contact_id, tag_id, sum({u} * {growth}) AS v FROM stored d GROUP BY 1, 2
), words AS (
  SELECT DISTINCT ON (1, 2) coalesce(m.survivor_id, w.contact_id) AS contact_id, w.tag_id, w.said
  FROM engagement_interestword w
  LEFT JOIN contacts_merged m ON m.workspace_id = %(workspace)s AND m.loser_id = w.contact_id
  WHERE w.workspace_id = %(workspace)s AND coalesce(m.survivor_id, w.contact_id) = ANY (%(contacts)s::bigint[])
  ORDER BY 1, 2, w.at DESC, w.id DESC
)
INSERT INTO engagement_interest (workspace_id, contact_id, tag_id, sum, said)
SELECT %(workspace)s, contact_id, tag_id, coalesce(v, 0), coalesce(said, %(nothing)s)
FROM summed FULL JOIN words USING (contact_id, tag_id)
WHERE v IS NOT NULL OR said <> %(nothing)s
ORDER BY contact_id, tag_id
