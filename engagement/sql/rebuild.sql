-- The scores of some people anew from the ledger. Only what differs is written: their day weights, the ten sums and heat
-- made of them, and that they are due to be looked at. Who has no facts any more, or may not be scored, has nothing but
-- zeros afterwards. What stands and what is counted are joined in full, for that is by hash or merge: row by row it cost
-- four to a hundred times as much. Returns whose scores changed, as one text. The caller holds these people (hold_people.sql).
{days}, counted AS MATERIALIZED (
  SELECT contact AS contact_id, kind, target, day, n AS count, w AS weight FROM allowed WHERE n > 0
), stored AS MATERIALIZED (
  SELECT d.id, d.contact_id, d.kind, d.target, d.day, d.count, d.weight FROM engagement_dayweight d
  WHERE d.workspace_id = %(workspace)s AND {of_days}
), news AS MATERIALIZED (
  SELECT s.id, a.* FROM stored s FULL JOIN counted a
    ON a.contact_id = s.contact_id AND a.kind = s.kind AND a.target = s.target AND a.day = s.day
  WHERE s.id IS NULL OR a.contact_id IS NULL OR s.count <> a.count
    OR abs(s.weight - a.weight) > %(same)s * abs(a.weight)
), gone AS (
  DELETE FROM engagement_dayweight d USING news n
  WHERE d.workspace_id = %(workspace)s AND d.id = n.id AND n.contact_id IS NULL
), mended AS (
  UPDATE engagement_dayweight d SET count = n.count, weight = n.weight FROM news n
  WHERE d.workspace_id = %(workspace)s AND n.id IS NOT NULL AND d.id = n.id AND n.contact_id IS NOT NULL
), added AS (
  INSERT INTO engagement_dayweight
    (workspace_id, contact_id, kind, target, day, count, weight, added_count, added_weight)
  SELECT %(workspace)s, contact_id, kind, target, day, count, weight, count, weight FROM news WHERE id IS NULL
  ORDER BY contact_id, kind, target, day
), sums AS (
  {sums}
), changed AS MATERIALIZED (
  SELECT contact_id, s.id IS NULL AS is_new, {zero_sums}
  FROM (SELECT * FROM engagement_score s WHERE s.workspace_id = %(workspace)s AND {of_scores}) s
  FULL JOIN sums n USING (contact_id)
  WHERE s.id IS NULL OR s.version <> %(version)s OR {differ}
), touched AS (
  INSERT INTO engagement_touched (workspace_id, contact_ids, at)
  SELECT %(workspace)s, array_agg(contact_id ORDER BY contact_id), %(now)s FROM changed
  GROUP BY contact_id / %(sweep)s
), rewritten AS (
  UPDATE engagement_score s SET {replaced}, version = %(version)s, touched_at = %(now)s
  FROM changed n
  WHERE s.workspace_id = %(workspace)s AND {of_scores} AND s.contact_id = n.contact_id AND NOT n.is_new
), scored_first AS (
  INSERT INTO engagement_score (workspace_id, contact_id, version, {sum_names}, heat, audience, level, touched_at)
  SELECT %(workspace)s, contact_id, %(version)s, {sum_names}, heat, {audience}, %(unknown)s, %(now)s
  FROM changed WHERE is_new ORDER BY contact_id
)
SELECT array_agg(contact_id ORDER BY contact_id)::text FROM changed
