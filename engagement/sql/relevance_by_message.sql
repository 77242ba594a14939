-- Of what was sent to everybody since a moment, by message: how many people got it, and to how many of them it mattered.
-- Who was merged counts as who stands for them.
WITH sent AS (
  SELECT DISTINCT coalesce(m.survivor_id, t.contact_id) AS who, t.message_id
  FROM {facts} t
  LEFT JOIN contacts_merged m ON m.workspace_id = %(workspace)s AND m.loser_id = t.contact_id
  WHERE t.workspace_id = %(workspace)s AND t.kind = ANY (%(sent_kinds)s::smallint[]) AND t.message_id IS NOT NULL
    AND t.occurred_at >= %(since)s
), mattered AS (
  SELECT DISTINCT coalesce(m.survivor_id, t.contact_id) AS who, t.message_id
  FROM {facts} t
  LEFT JOIN contacts_merged m ON m.workspace_id = %(workspace)s AND m.loser_id = t.contact_id
  WHERE t.workspace_id = %(workspace)s AND t.message_id IS NOT NULL AND t.occurred_at >= %(since)s AND {matters}
)
SELECT s.message_id, count(*), count(a.who)
FROM sent s LEFT JOIN mattered a USING (who, message_id)
GROUP BY 1 ORDER BY 1 DESC LIMIT %(most)s
