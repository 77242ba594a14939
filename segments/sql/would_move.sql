-- Who would enter and who would leave a segment if this rule were its own: their numbers, and a few of each by chance.
WITH fits AS MATERIALIZED (
{fits}
), moves AS (
  SELECT fits.contact_id AS enters, k.contact_id AS leaves
  FROM fits FULL JOIN (
    SELECT s.contact_id FROM segments_segmentmember s
    WHERE s.workspace_id = %(workspace)s AND s.segment_id = %(r_segment)s
  ) AS k ON k.contact_id = fits.contact_id
  WHERE fits.contact_id IS NULL OR k.contact_id IS NULL
)
SELECT
  (SELECT count(enters) FROM moves),
  (SELECT count(leaves) FROM moves),
  ARRAY(SELECT enters FROM moves WHERE enters IS NOT NULL
        ORDER BY hashtextextended(enters::text || %(r_salt)s, 0) LIMIT %(r_limit)s),
  ARRAY(SELECT leaves FROM moves WHERE leaves IS NOT NULL
        ORDER BY hashtextextended(leaves::text || %(r_salt)s, 0) LIMIT %(r_limit)s)
