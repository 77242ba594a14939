-- The words of these companies become exactly the ones given; what stands already is not touched.
WITH wanted AS MATERIALIZED (
  SELECT company_id, term COLLATE "C" AS term
  FROM ROWS FROM (unnest(%(ids)s::bigint[]), json_array_elements_text(%(terms)s::json)) AS w (company_id, term)
), gone AS (
  DELETE FROM contacts_companyterm AS t
  WHERE t.workspace_id = %(workspace)s AND t.company_id = ANY(%(companies)s::bigint[])
    AND NOT EXISTS (SELECT FROM wanted w WHERE w.company_id = t.company_id AND w.term = t.term)
)
INSERT INTO contacts_companyterm (workspace_id, company_id, term)
SELECT %(workspace)s, company_id, term FROM wanted
ORDER BY term, company_id
ON CONFLICT DO NOTHING
