-- The moments of some kinds of some people as they stand now, with who stands for the person today; from an index alone.
SELECT t.contact_id, m.survivor_id, t.kind, t.occurred_at, t.certainty, t.sentiment_milli, t.value_minor, t.channel
FROM {facts} t
LEFT JOIN contacts_merged m ON m.workspace_id = %(workspace)s AND m.loser_id = t.contact_id
WHERE t.workspace_id = %(workspace)s AND t.kind = ANY(%(r_kinds)s){only}
