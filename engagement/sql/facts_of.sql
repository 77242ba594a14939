-- Every fact as it stands now, or those of some people and of whoever is linked to them; each counts once.
(SELECT t.occurred_at, t.contact_id, t.kind, t.sentiment_milli, t.value_minor, t.weight_milli, t.certainty, 1 AS sign
 FROM {facts} t
 WHERE t.workspace_id = %(workspace)s
   AND (%(contacts)s::bigint[] IS NULL OR t.contact_id = ANY(%(contacts)s::bigint[]) OR t.contact_id IN (
     SELECT m.loser_id FROM contacts_merged m
     WHERE m.workspace_id = %(workspace)s AND m.survivor_id = ANY(%(contacts)s::bigint[]))))
