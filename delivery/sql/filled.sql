-- Of some people: how many have each of the table's fields and each custom one, their own or of whom was merged into them.
WITH asked AS MATERIALIZED (
  SELECT id FROM unnest(%(contacts)s::bigint[]) AS id
), held AS (
  SELECT p.id, f.name FROM asked
  CROSS JOIN LATERAL (SELECT * FROM contacts_contact c
                      WHERE c.workspace_id = %(workspace)s AND c.id = asked.id OFFSET 0) AS p
  CROSS JOIN LATERAL (VALUES {columns}) AS f (name, is_there)
  WHERE f.is_there
  UNION
  SELECT asked.id, v.name FROM asked
  CROSS JOIN LATERAL (SELECT o.name FROM contacts_fieldvalue o
                      WHERE o.workspace_id = %(workspace)s AND o.contact_id = asked.id AND {told} OFFSET 0) AS v
  UNION
  SELECT m.survivor_id, v.name FROM contacts_merged m
  JOIN asked ON asked.id = m.survivor_id
  CROSS JOIN LATERAL (SELECT o.name FROM contacts_fieldvalue o
                      WHERE o.workspace_id = %(workspace)s AND o.contact_id = m.loser_id AND {told} OFFSET 0) AS v
  WHERE m.workspace_id = %(workspace)s
)
SELECT name, count(*) FROM held GROUP BY name
