-- Of everybody in a range who has a fact before a moment: their customer number (their own first, then one of whoever was
-- merged into them), the audience whose scale counts today, and the ten sums of those facts alone.
{days}, counted AS MATERIALIZED (
  SELECT contact AS contact_id, kind, target, day, n AS count, w AS weight FROM allowed WHERE n > 0
), sums AS (
  {sums}
), known AS (
  SELECT DISTINCT contact AS contact_id FROM {facts} f
)
SELECT s.contact_id, {audience}, (
    SELECT i.value FROM contacts_identity i
    WHERE i.workspace_id = %(workspace)s AND i.kind = %(number)s AND i.contact_id = ANY(ARRAY(
      SELECT s.contact_id
      UNION ALL  -- one array: for "this one or one of those" everybody's identities are read for each person
      SELECT m.loser_id FROM contacts_merged m WHERE m.workspace_id = %(workspace)s AND m.survivor_id = s.contact_id))
    ORDER BY i.contact_id <> s.contact_id, i.former_since IS NOT NULL, i.preferred_at DESC NULLS LAST, i.id LIMIT 1),
  {sum_names}, coalesce(n.heat, 0)
FROM known s LEFT JOIN sums n ON n.contact_id = s.contact_id
ORDER BY s.contact_id
