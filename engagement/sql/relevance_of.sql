-- Of what was sent to each of these people since a moment: how many messages, and how many of them mattered.
WITH members AS (
  SELECT a.id AS who, a.id FROM unnest(%(contacts)s::bigint[]) AS a (id)
  UNION ALL
  SELECT m.survivor_id, m.loser_id FROM contacts_merged m
  WHERE m.workspace_id = %(workspace)s AND m.survivor_id = ANY (%(contacts)s::bigint[])
), theirs AS MATERIALIZED (
  SELECT w.who, t.message_id, t.kind = ANY (%(sent_kinds)s::smallint[]) AS is_sent,
    NOT t.kind = ANY (%(sent_kinds)s::smallint[]) AND {matters} AS matters
  FROM members w JOIN {facts} t ON t.workspace_id = %(workspace)s AND t.contact_id = w.id
  WHERE t.message_id IS NOT NULL AND t.occurred_at >= %(since)s
), messages AS (
  SELECT who, message_id, bool_or(matters) AS mattered FROM theirs GROUP BY 1, 2 HAVING bool_or(is_sent)
)
SELECT who, count(*), count(*) FILTER (WHERE mattered) FROM messages GROUP BY 1
