-- People to care for: an open complaint, a good relationship about to be lost, one that has just become a good one.
WITH why AS (
  SELECT c.id AS contact, %(complaint)s AS reason, c.complaint_since AS at FROM contacts_contact c
  WHERE c.workspace_id = %(workspace)s AND c.complaint_since IS NOT NULL
  UNION ALL
  SELECT f.contact_id, %(falling)s, f.due_at FROM engagement_fall f
  JOIN engagement_score s ON s.workspace_id = f.workspace_id AND s.contact_id = f.contact_id AND s.level >= %(good)s
  WHERE f.workspace_id = %(workspace)s AND f.due_at BETWEEN %(now)s AND %(soon)s
  UNION ALL
  SELECT m.contact_id, %(risen)s, m.at FROM engagement_levelmove m
  WHERE m.workspace_id = %(workspace)s AND m.at > %(lately)s AND m.after > m.before AND m.after >= %(good)s
), one AS (
  SELECT DISTINCT ON (contact) contact, reason, at FROM why ORDER BY contact, reason, at
)
SELECT c.id, o.reason, o.at, count(*) OVER () AS total
FROM one o
JOIN contacts_contact c ON c.workspace_id = %(workspace)s AND c.id = o.contact AND c.erased_at IS NULL
LEFT JOIN engagement_score s ON s.workspace_id = %(workspace)s AND s.contact_id = c.id
ORDER BY o.reason, coalesce(s.level, 0) DESC, o.at, c.id
LIMIT %(limit)s
