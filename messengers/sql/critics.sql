-- Which of these people are critics now, whoever of those merged into them plays that role.
SELECT DISTINCT everybody.survivor_id
FROM (SELECT id AS survivor_id, id AS contact_id FROM unnest(%(people)s::bigint[]) AS asked (id)
      UNION ALL
      SELECT m.survivor_id, m.loser_id FROM contacts_merged m
      WHERE m.workspace_id = %(workspace)s AND m.survivor_id = ANY(%(people)s)) AS everybody
JOIN contacts_audiencerole r
  ON r.workspace_id = %(workspace)s AND r.contact_id = everybody.contact_id AND r.role = %(role)s AND r.until IS NULL
