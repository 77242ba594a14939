-- First-time buyers by month, and how many of them bought again one, two … months later.
WITH buys AS (
  SELECT coalesce(m.survivor_id, t.contact_id) AS contact,
    date_trunc('month', t.occurred_at AT TIME ZONE %(zone)s)::date AS month
  FROM touchpoints_touchpoint t
  LEFT JOIN contacts_merged m ON m.workspace_id = %(workspace)s AND m.loser_id = t.contact_id
  WHERE t.workspace_id = %(workspace)s AND t.kind = %(purchase)s
  GROUP BY 1, 2
), firsts AS (
  SELECT contact, min(month) AS first FROM buys GROUP BY contact
), cohorts AS (
  SELECT first, count(*) AS people FROM firsts WHERE first >= %(since)s::date GROUP BY first
)
SELECT c.first, c.people, n.n,
  (SELECT count(*) FROM firsts f JOIN buys b ON b.contact = f.contact
   WHERE f.first = c.first AND b.month = (c.first + make_interval(months => n.n))::date)
FROM cohorts c CROSS JOIN generate_series(1, %(months)s) AS n (n)
ORDER BY c.first, n.n
