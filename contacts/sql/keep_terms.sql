-- The words of these contacts become exactly the ones given; what stands already is not touched. A word is never
-- changed, only taken away: where one stands (ctid) is its name within this statement.
WITH wanted AS MATERIALIZED (
  SELECT contact_id, term COLLATE "C" AS term
  FROM ROWS FROM (unnest(%(ids)s::bigint[]), json_array_elements_text(%(terms)s::json)) AS w (contact_id, term)
), have AS MATERIALIZED (
  SELECT t.place, t.contact_id, t.term
  FROM unnest(%(contacts)s::bigint[]) AS who (id)
  CROSS JOIN LATERAL (SELECT x.ctid AS place, x.contact_id, x.term FROM contacts_searchterm x
                      WHERE x.workspace_id = %(workspace)s AND x.contact_id = who.id OFFSET 0) AS t
), gone AS (
  DELETE FROM contacts_searchterm AS t
  WHERE t.workspace_id = %(workspace)s AND t.ctid = ANY(ARRAY(
    SELECT h.place FROM have h
    WHERE NOT EXISTS (SELECT FROM wanted w WHERE w.contact_id = h.contact_id AND w.term = h.term)))
)
INSERT INTO contacts_searchterm (workspace_id, contact_id, term)
SELECT %(workspace)s, contact_id, term FROM wanted w
WHERE NOT EXISTS (SELECT FROM have h WHERE h.contact_id = w.contact_id AND h.term = w.term)
ORDER BY term, contact_id
ON CONFLICT DO NOTHING
