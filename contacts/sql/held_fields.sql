-- Of every custom field: how many people have it, how many values there are, how many of these are numbers, days and
-- words for yes or no, and how many differ. Who was merged is counted with who stands for them.
WITH held AS (
  SELECT v.name, v.folded, count(*) AS count, count(v.number) AS numbers, count(*) FILTER (WHERE v.moment IS NOT NULL OR v.text ~ %(day)s) AS moments
  FROM contacts_fieldvalue v
  WHERE v.workspace_id = %(workspace)s
  GROUP BY v.name, v.folded
), twice AS (
  SELECT v.name, count(*) AS count
  FROM contacts_merged m
  JOIN contacts_fieldvalue v ON v.workspace_id = m.workspace_id AND v.contact_id = m.loser_id
  WHERE m.workspace_id = %(workspace)s AND (
    EXISTS (SELECT FROM contacts_fieldvalue o
      WHERE o.workspace_id = %(workspace)s AND o.contact_id = m.survivor_id AND o.name = v.name)
    OR EXISTS (SELECT FROM contacts_merged p
      JOIN contacts_fieldvalue o ON o.workspace_id = p.workspace_id AND o.contact_id = p.loser_id AND o.name = v.name
      WHERE p.workspace_id = %(workspace)s AND p.survivor_id = m.survivor_id AND p.loser_id < m.loser_id))
  GROUP BY v.name
)
SELECT h.name, sum(h.count) - coalesce(max(t.count), 0), sum(h.count), sum(h.numbers), sum(h.moments),
  coalesce(sum(h.count) FILTER (WHERE h.folded = ANY(%(words)s::text[])), 0), count(*)
FROM held h LEFT JOIN twice t ON t.name = h.name
GROUP BY h.name
ORDER BY h.name
LIMIT 500
