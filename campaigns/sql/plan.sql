-- Plan a campaign: who is in the segment, once a person and once an address; those held back by their bucket and the
-- doubles become deliveries at once, the others chunks of sorted contact ids. Returns (chunks' people, held, doubles).
WITH fits AS MATERIALIZED ({segment}),
people AS MATERIALIZED (
  SELECT c.id, {held} AS is_held,
    row_number() OVER (PARTITION BY CASE WHEN c.email = '' THEN c.id::text ELSE c.email END ORDER BY c.id) > 1 AS is_double
  FROM fits JOIN contacts_contact c ON c.workspace_id = %(workspace)s AND c.id = fits.contact_id
), spared AS (
  INSERT INTO campaigns_delivery (workspace_id, campaign_id, contact_id, address, state, reason, attempts, epoch, answer, queued_at)
  SELECT %(workspace)s, %(campaign)s, id, '', 5, CASE WHEN is_double THEN 'same_address' ELSE 'holdout' END, 0, 0, '', clock_timestamp()
  FROM people WHERE is_double OR is_held
  RETURNING reason
), numbered AS (
  SELECT id, (row_number() OVER (ORDER BY id) - 1) / {size} AS number FROM people WHERE NOT is_double AND NOT is_held
), chunks AS (
  INSERT INTO campaigns_audiencechunk (workspace_id, campaign_id, number, contact_ids, epoch, leased_by, is_done)
  SELECT %(workspace)s, %(campaign)s, number, array_agg(id ORDER BY id), 0, '', false FROM numbered GROUP BY number
  RETURNING cardinality(contact_ids) AS people
)
SELECT coalesce((SELECT sum(people) FROM chunks), 0), (SELECT count(*) FROM spared WHERE reason = 'holdout'),
  (SELECT count(*) FROM spared WHERE reason = 'same_address')
