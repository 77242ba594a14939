-- The facts of some people as they stand now, each once, with the person it counts for: their own, and those of whoever
-- was merged into them. `who` and `whose` restrict the person's own id and the survivor's.
(SELECT t.contact_id AS contact, t.occurred_at, t.kind, t.sentiment_milli, t.value_minor, t.weight_milli, t.certainty,
   1 AS sign
 FROM {facts} t
 WHERE t.workspace_id = %(workspace)s AND {who} AND t.occurred_at < %(before)s AND NOT EXISTS (
   SELECT FROM contacts_merged m WHERE m.workspace_id = %(workspace)s AND m.loser_id = t.contact_id)
 UNION ALL
 SELECT m.survivor_id, t.occurred_at, t.kind, t.sentiment_milli, t.value_minor, t.weight_milli, t.certainty, 1
 FROM contacts_merged m JOIN {facts} t ON t.contact_id = m.loser_id
 WHERE m.workspace_id = %(workspace)s AND {whose} AND t.workspace_id = %(workspace)s AND t.occurred_at < %(before)s)
