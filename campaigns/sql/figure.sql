-- What the people whom a programme reaches did in a span of time, and how many they are. `audience` names them; whoever
-- was merged into one of them is that person. Only what people did, not machines; the ledger as it stands corrected.
WITH reached AS MATERIALIZED ({audience}),
own AS (
  SELECT contact_id AS contact, contact_id AS person FROM reached
  UNION ALL
  SELECT m.loser_id, m.survivor_id FROM reached
  JOIN contacts_merged m ON m.workspace_id = %(workspace)s AND m.survivor_id = reached.contact_id
), people AS (SELECT count(*) AS n FROM reached)
SELECT (SELECT n FROM people), {measure}
FROM own CROSS JOIN LATERAL (
  SELECT t.kind, t.value_minor, t.sentiment_milli FROM {facts} t
  WHERE t.workspace_id = %(workspace)s AND t.contact_id = own.contact
    AND t.occurred_at >= %(since)s AND t.occurred_at < %(until)s AND t.certainty = 0 AND {which} OFFSET 0
) AS f
