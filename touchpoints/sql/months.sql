-- How many facts of these people lie in each of these months, and how many of them came from us: found in the timeline's
-- index alone, month by month, no more than so many of each. Own kinds of the workspace are theirs.
SELECT m.place, count(t.kind), count(t.kind) FILTER (WHERE t.kind = ANY(%(ours)s))
FROM unnest(%(begins)s::timestamptz[], %(ends)s::timestamptz[]) WITH ORDINALITY AS m(begins, ends, place)
CROSS JOIN LATERAL (
  SELECT f.kind FROM touchpoints_touchpoint f
  WHERE f.workspace_id = %(workspace)s AND f.contact_id = ANY(%(contacts)s)
    AND f.occurred_at >= m.begins AND f.occurred_at < m.ends AND NOT EXISTS (
      SELECT FROM touchpoints_correctedfact k
      WHERE k.workspace_id = %(workspace)s AND k.touchpoint_id = f.id AND k.is_deleted)
  LIMIT %(most)s
) AS t
GROUP BY m.place
