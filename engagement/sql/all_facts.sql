-- Every fact of the ledger, or of some people and whoever is linked to them, corrections applied.
SELECT t.id, t.occurred_at, t.contact_id, t.channel, t.kind, t.direction, t.campaign_id,
  coalesce((SELECT c.value::smallint FROM touchpoints_correction c WHERE c.workspace_id = t.workspace_id
            AND c.touchpoint_id = t.id AND c.field = 'sentiment' ORDER BY c.at DESC, c.id DESC LIMIT 1),
           t.sentiment_milli) AS sentiment_milli,
  t.value_minor, t.weight_milli,
  coalesce((SELECT c.value::smallint FROM touchpoints_correction c WHERE c.workspace_id = t.workspace_id
            AND c.touchpoint_id = t.id AND c.field = 'certainty' ORDER BY c.at DESC, c.id DESC LIMIT 1),
           t.certainty) AS certainty
FROM touchpoints_touchpoint t
WHERE t.workspace_id = %(workspace)s
  AND (%(contacts)s::bigint[] IS NULL OR t.contact_id = ANY(%(contacts)s::bigint[]) OR t.contact_id IN (
    SELECT m.loser_id FROM contacts_merged m
    WHERE m.workspace_id = %(workspace)s AND m.survivor_id = ANY(%(contacts)s::bigint[])))
