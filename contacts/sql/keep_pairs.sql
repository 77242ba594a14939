-- The pairs that are likely today, with why. One that was said to be two people is asked again when a field speaks for
-- it that did not when that was said; an open one that is not among them goes, as do those of people who are gone.
WITH likely AS MATERIALIZED (
  SELECT * FROM unnest(%(lefts)s::bigint[], %(rights)s::bigint[], %(scores)s::smallint[], %(evidence)s::jsonb[])
    AS p (left_id, right_id, score_milli, evidence)
  WHERE EXISTS (SELECT FROM contacts_contact c WHERE c.workspace_id = %(workspace)s AND c.id = p.left_id)
    AND EXISTS (SELECT FROM contacts_contact c WHERE c.workspace_id = %(workspace)s AND c.id = p.right_id)
), gone AS (
  DELETE FROM contacts_duplicatepair d
  WHERE d.workspace_id = %(workspace)s AND d.state = %(open)s
    AND NOT EXISTS (SELECT FROM likely WHERE likely.left_id = d.left_id AND likely.right_id = d.right_id)
)
INSERT INTO contacts_duplicatepair AS d
  (workspace_id, left_id, right_id, score_milli, evidence, state, decided_on, found_at)
SELECT %(workspace)s, left_id, right_id, score_milli, evidence, %(open)s, '[]', %(now)s
FROM likely ORDER BY left_id, right_id
ON CONFLICT (workspace_id, left_id, right_id) DO UPDATE
SET score_milli = excluded.score_milli, evidence = excluded.evidence,
    state = CASE WHEN d.state <> %(different)s OR EXISTS (
        SELECT FROM jsonb_array_elements(excluded.evidence) AS e
        WHERE e ->> 'how' <> %(differs)s AND NOT d.decided_on ? (e ->> 'field')
      ) THEN %(open)s ELSE d.state END,
    found_at = CASE WHEN d.state = %(open)s THEN d.found_at ELSE excluded.found_at END
