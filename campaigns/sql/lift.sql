-- What people did since a programme's first offer to each of them: who was to get its offers, and who is held out of them.
-- Everybody counts for whom they were planned, whether or not one got through: of those held out nobody asked whether one
-- would have. Who was merged into somebody is that person; whom a merge put into both groups is in neither. What nobody
-- did is nothing: a zero, or unknown. Only what people did, not machines; the ledger as it stands corrected.
WITH planned AS (
  SELECT coalesce(g.survivor_id, d.contact_id) AS person, {bucket} < %(size)s AS is_held,
    CASE WHEN m.is_standing THEN d.queued_at ELSE m.planned_at END AS at
  FROM delivery_delivery d
  JOIN delivery_message m ON m.workspace_id = d.workspace_id AND m.id = d.message_id
  LEFT JOIN contacts_merged g ON g.workspace_id = d.workspace_id AND g.loser_id = d.contact_id
  WHERE d.workspace_id = %(workspace)s AND d.message_id = ANY(%(messages)s) AND d.reason <> 'same_address'
), people AS MATERIALIZED (
  SELECT person, bool_or(is_held) AS is_held, min(at) AS since FROM planned
  GROUP BY person HAVING bool_or(is_held) = bool_and(is_held)
), own AS (
  SELECT person, person AS contact, since FROM people
  UNION ALL
  SELECT p.person, g.loser_id, p.since FROM people p
  JOIN contacts_merged g ON g.workspace_id = %(workspace)s AND g.survivor_id = p.person
), did AS (
  SELECT own.person, {metric} AS metric, {value} AS value
  FROM own CROSS JOIN LATERAL (
    SELECT t.kind, t.value_minor, t.sentiment_milli FROM {facts} t
    WHERE t.workspace_id = %(workspace)s AND t.contact_id = own.contact
      AND t.occurred_at >= own.since AND t.occurred_at < %(until)s AND t.certainty = 0
      AND (t.kind = ANY(%(kinds)s) {also}) OFFSET 0
  ) AS f
  GROUP BY own.person
), each AS (
  SELECT p.is_held, coalesce(d.metric, {nothing})::float8 AS metric, coalesce(d.value, 0)::float8 AS value
  FROM people p LEFT JOIN did d USING (person)
)
SELECT is_held, count(*), count(metric), coalesce(sum(metric), 0), coalesce(sum(metric * metric), 0),
  sum(value), sum(value * value)
FROM each GROUP BY is_held
