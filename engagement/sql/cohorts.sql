-- First-time buyers by month, and how many of them bought again one, two … months later.
WITH buys AS (
  SELECT coalesce(m.survivor_id, t.contact_id) AS contact,
    date_trunc('month', t.occurred_at AT TIME ZONE %(zone)s)::date AS month
  FROM {facts} t
  LEFT JOIN contacts_merged m ON m.workspace_id = %(workspace)s AND m.loser_id = t.contact_id
  WHERE t.workspace_id = %(workspace)s AND t.kind = %(purchase)s
  GROUP BY 1, 2
), marked AS MATERIALIZED (
  SELECT month, min(month) OVER (PARTITION BY contact) AS first FROM buys
), counted AS (
  SELECT first, ((extract(year FROM month) - extract(year FROM first)) * 12
    + extract(month FROM month) - extract(month FROM first))::int AS n, count(*) AS people
  FROM marked WHERE first >= %(since)s::date GROUP BY 1, 2
)
SELECT c.first, c.people, s.n, coalesce(a.people, 0)
FROM counted c
CROSS JOIN generate_series(1, %(months)s) AS s (n)
LEFT JOIN counted a ON a.first = c.first AND a.n = s.n
WHERE c.n = 0
ORDER BY c.first, s.n
