-- How many emails show each picture: drafts of all their messages, and those of which one is approved or went out. An email
-- shows what its text leads to by address, the logo too; a text shared by messages is one email.
WITH emails AS (
  SELECT m.content_id, bool_and(m.state = %(draft)s) AS is_draft
  FROM delivery_message m
  WHERE m.workspace_id = %(workspace)s AND m.purpose <> ALL(%(personal)s)
    AND (m.purpose <> %(transactional)s OR m.is_standing OR m.state = %(draft)s)
  GROUP BY m.content_id
), shown AS (
  SELECT DISTINCT e.content_id, e.is_draft, found[1] AS beginning
  FROM emails e
  JOIN delivery_content c ON c.workspace_id = %(workspace)s AND c.id = e.content_id
  CROSS JOIN LATERAL regexp_matches(c.body, %(path)s || '([0-9a-f]{32})', 'g') AS found
  WHERE strpos(c.body, %(path)s) > 0
)
SELECT beginning, count(*) FILTER (WHERE is_draft), count(*) FILTER (WHERE NOT is_draft)
FROM shown WHERE beginning = ANY(%(beginnings)s)
GROUP BY beginning
