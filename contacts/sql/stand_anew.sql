-- Who stands for people today: the end of the chain of whom each was joined to. Over all whose chain may lead through
-- these contacts; returns (loser, who stood for it, who stands for it) of those that changed.
WITH RECURSIVE asked AS (
  SELECT m.loser_id, m.survivor_id, m.into_id FROM contacts_merged m
  WHERE m.workspace_id = %(workspace)s
    AND (m.survivor_id = ANY(%(contacts)s::bigint[]) OR m.loser_id = ANY(%(contacts)s::bigint[]))
), climb AS (
  SELECT loser_id, into_id AS top FROM asked
  UNION
  SELECT c.loser_id, m.into_id FROM climb c
  JOIN contacts_merged m ON m.workspace_id = %(workspace)s AND m.loser_id = c.top
), tops AS (
  SELECT c.loser_id, c.top FROM climb c
  WHERE NOT EXISTS (SELECT FROM contacts_merged m WHERE m.workspace_id = %(workspace)s AND m.loser_id = c.top)
)
UPDATE contacts_merged m SET survivor_id = tops.top
FROM tops JOIN asked ON asked.loser_id = tops.loser_id
WHERE m.workspace_id = %(workspace)s AND m.loser_id = tops.loser_id AND m.survivor_id <> tops.top
RETURNING m.loser_id, asked.survivor_id, m.survivor_id
