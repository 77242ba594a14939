-- What changes of a person is written down, whoever writes it: each statement that changes fields of contacts or custom
-- fields adds one row a person to the history. Triggers see what stood there at that moment, under every lock; a verb that
-- read it before might not. Who says so stands in ecrm.said (contacts/history/saying.py). Of those in ecrm.made (or of
-- 'all') nothing is written: they were made a moment ago. Nor of the erased: their former values are what has to go.
-- No plan of these may join row by row: a session keeps the plan of its first call, which may have been of one row.
CREATE FUNCTION said_of_change(OUT source text, OUT by_id bigint, OUT at timestamptz, OUT made bigint[])
LANGUAGE plpgsql STABLE AS $$
DECLARE
  said jsonb := coalesce(nullif(current_setting('ecrm.said', true), ''), '{}')::jsonb;
BEGIN
  source := coalesce(said ->> 'source', '');
  by_id := (said ->> 'by')::bigint;
  at := coalesce((said ->> 'at')::timestamptz, clock_timestamp());
  made := CASE coalesce(current_setting('ecrm.made', true), '') WHEN '' THEN '{}' WHEN 'all' THEN '{}'
          ELSE current_setting('ecrm.made', true) END::bigint[];
END $$;

CREATE FUNCTION value_of_field(value text, amount float8, moment timestamptz) RETURNS jsonb
LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN amount IS NULL AND moment IS NULL THEN to_jsonb(value)
         ELSE jsonb_strip_nulls(jsonb_build_object('text', value, 'number', amount, 'moment', moment)) END
$$;

CREATE FUNCTION keep_field_changes() RETURNS trigger LANGUAGE plpgsql SET enable_nestloop = off AS $$
BEGIN
  INSERT INTO contacts_fieldchange (workspace_id, contact_id, at, by_id, source, changes)
  SELECT f.workspace_id, f.id, said.at, said.by_id, said.source,
{pairs}
  FROM fresh f
  JOIN was o ON o.workspace_id = f.workspace_id AND o.id = f.id
  CROSS JOIN said_of_change() AS said
  WHERE f.erased_at IS NULL AND f.id <> ALL (said.made)
    AND ({was}) IS DISTINCT FROM ({fresh});
  RETURN NULL;
END $$;
CREATE TRIGGER contact_history AFTER UPDATE ON contacts_contact
  REFERENCING OLD TABLE AS was NEW TABLE AS fresh FOR EACH STATEMENT
  WHEN (current_setting('ecrm.made', true) IS DISTINCT FROM 'all') EXECUTE FUNCTION keep_field_changes();

CREATE FUNCTION keep_value_changes() RETURNS trigger LANGUAGE plpgsql SET enable_nestloop = off AS $$
BEGIN
  INSERT INTO contacts_fieldchange (workspace_id, contact_id, at, by_id, source, changes)
  SELECT f.workspace_id, f.contact_id, said.at, said.by_id, said.source,
    jsonb_object_agg(f.name, jsonb_build_array(value_of_field(o.text, o.number, o.moment),
                                               value_of_field(f.text, f.number, f.moment)))
  FROM fresh f
  JOIN was o ON o.workspace_id = f.workspace_id AND o.id = f.id
  CROSS JOIN said_of_change() AS said
  WHERE f.contact_id <> ALL (said.made)
    AND (o.text, o.number, o.moment) IS DISTINCT FROM (f.text, f.number, f.moment)
  GROUP BY f.workspace_id, f.contact_id, said.at, said.by_id, said.source;
  RETURN NULL;
END $$;
CREATE TRIGGER value_history AFTER UPDATE ON contacts_fieldvalue
  REFERENCING OLD TABLE AS was NEW TABLE AS fresh FOR EACH STATEMENT
  WHEN (current_setting('ecrm.made', true) IS DISTINCT FROM 'all') EXECUTE FUNCTION keep_value_changes();

CREATE FUNCTION keep_new_values() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO contacts_fieldchange (workspace_id, contact_id, at, by_id, source, changes)
  SELECT f.workspace_id, f.contact_id, said.at, said.by_id, said.source,
    jsonb_object_agg(f.name, jsonb_build_array(NULL, value_of_field(f.text, f.number, f.moment)))
  FROM fresh f
  CROSS JOIN said_of_change() AS said
  WHERE f.contact_id <> ALL (said.made)
  GROUP BY f.workspace_id, f.contact_id, said.at, said.by_id, said.source;
  RETURN NULL;
END $$;
CREATE TRIGGER new_value_history AFTER INSERT ON contacts_fieldvalue
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT
  WHEN (current_setting('ecrm.made', true) IS DISTINCT FROM 'all') EXECUTE FUNCTION keep_new_values();

CREATE FUNCTION keep_gone_values() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
  INSERT INTO contacts_fieldchange (workspace_id, contact_id, at, by_id, source, changes)
  SELECT g.workspace_id, g.contact_id, said.at, said.by_id, said.source,
    jsonb_object_agg(g.name, jsonb_build_array(value_of_field(g.text, g.number, g.moment), NULL))
  FROM gone g
  CROSS JOIN said_of_change() AS said
  CROSS JOIN LATERAL (SELECT FROM contacts_contact c WHERE c.workspace_id = g.workspace_id AND c.id = g.contact_id
                        AND c.erased_at IS NULL OFFSET 0) AS there
  WHERE g.contact_id <> ALL (said.made)
  GROUP BY g.workspace_id, g.contact_id, said.at, said.by_id, said.source;
  RETURN NULL;
END $$;
CREATE TRIGGER gone_value_history AFTER DELETE ON contacts_fieldvalue
  REFERENCING OLD TABLE AS gone FOR EACH STATEMENT
  WHEN (current_setting('ecrm.made', true) IS DISTINCT FROM 'all') EXECUTE FUNCTION keep_gone_values()
