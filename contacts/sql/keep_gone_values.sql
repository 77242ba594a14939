-- As in keep_history.sql, but that a person is found by the key alone: whichever plan the session keeps, of however few
-- people it was made (workspaces/sql/held_as_set.sql says why).
CREATE OR REPLACE FUNCTION keep_gone_values() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_sort = off AS $$
BEGIN
  INSERT INTO contacts_fieldchange (workspace_id, contact_id, at, by_id, source, changes)
  SELECT g.workspace_id, g.contact_id, said.at, said.by_id, said.source,
    jsonb_object_agg(g.name, jsonb_build_array(value_of_field(g.text, g.number, g.moment), NULL))
  FROM gone g
  CROSS JOIN said_of_change() AS said
  CROSS JOIN LATERAL (SELECT c.erased_at FROM contacts_contact c
                      WHERE c.workspace_id = g.workspace_id AND c.id BETWEEN g.contact_id AND g.contact_id
                      ORDER BY c.id LIMIT 1) AS there
  WHERE there.erased_at IS NULL AND g.contact_id <> ALL (said.made)
  GROUP BY g.workspace_id, g.contact_id, said.at, said.by_id, said.source;
  RETURN NULL;
END $$
