-- The people that a step found, with everybody merged into them: whose rows later steps look at. DISTINCT tells the
-- planner what it cannot see, that each comes once.
SELECT DISTINCT alike.id
FROM (SELECT {found}.contact_id AS id FROM {found}
      UNION ALL
      SELECT m.loser_id FROM {found}
      JOIN contacts_merged m ON m.workspace_id = %(workspace)s AND m.survivor_id = {found}.contact_id) AS alike
