-- What became of the people that forms brought: for each age of the request (`ages`, in days) one row for the form asked
-- for and one for all others, of the newest `most` requests of that age. Of who confirmed it says how they stand today.
WITH asked AS MATERIALIZED (
  SELECT a.days, mine.is_mine, s.*
  FROM unnest(%(ages)s::int[]) AS a (days)
  CROSS JOIN (VALUES (true), (false)) AS mine (is_mine)
  CROSS JOIN LATERAL (
    SELECT k.contact_id, k.state, k.topic_ids, k.decided_at FROM consent_signup k
    WHERE k.workspace_id = %(workspace)s AND (k.form_id = %(form)s) = mine.is_mine
      AND k.asked_at < %(now)s - a.days * interval '1 day'
    ORDER BY k.asked_at DESC LIMIT %(most)s
  ) AS s
), people AS MATERIALIZED (
  SELECT asked.days, asked.is_mine, coalesce(m.survivor_id, asked.contact_id) AS id, asked.topic_ids, asked.decided_at
  FROM asked
  LEFT JOIN contacts_merged m ON m.workspace_id = %(workspace)s AND m.loser_id = asked.contact_id
  WHERE asked.state = %(confirmed)s AND asked.contact_id IS NOT NULL
), did AS (
  SELECT p.days, p.is_mine,
    EXISTS (SELECT FROM consent_consentnow w
            WHERE w.workspace_id = %(workspace)s AND w.contact_id = p.id AND w.channel = %(email)s
              AND w.state = %(given)s AND w.topic_id = ANY (p.topic_ids)
              AND coalesce(w.expires_at > %(now)s, true)) AS is_there,
    facts.has_clicked, facts.has_bought, facts.has_written, facts.is_lost,
    coalesce((SELECT s.level FROM engagement_score s
              WHERE s.workspace_id = %(workspace)s AND s.contact_id = p.id), 0) >= %(warm)s AS is_warm
  FROM people p
  CROSS JOIN LATERAL (
    SELECT coalesce(bool_or(t.kind = %(clicked)s), false) AS has_clicked,
           coalesce(bool_or(t.kind = %(bought)s), false) AS has_bought,
           coalesce(bool_or(t.kind = ANY (%(wrote)s)), false) AS has_written,
           coalesce(bool_or(t.kind = ANY (%(lost)s)), false) AS is_lost
    FROM {facts} t
    WHERE t.workspace_id = %(workspace)s AND t.contact_id = p.id AND t.occurred_at >= p.decided_at
  ) AS facts
)
SELECT a.days, a.is_mine, a.asked, a.confirmed,
       count(*) FILTER (WHERE did.is_there) AS is_there, count(*) FILTER (WHERE did.has_clicked) AS has_clicked,
       count(*) FILTER (WHERE did.has_bought) AS has_bought, count(*) FILTER (WHERE did.has_written) AS has_written,
       count(*) FILTER (WHERE did.is_lost) AS is_lost, count(*) FILTER (WHERE did.is_warm) AS is_warm
FROM (SELECT days, is_mine, count(*) AS asked, count(*) FILTER (WHERE state = %(confirmed)s) AS confirmed
      FROM asked GROUP BY days, is_mine) AS a
LEFT JOIN did ON did.days = a.days AND did.is_mine = a.is_mine
GROUP BY a.days, a.is_mine, a.asked, a.confirmed
ORDER BY a.days, a.is_mine DESC
