-- The ledger: facts by month. Its id carries time and source.
CREATE TABLE touchpoints_touchpoint (
  workspace_id bigint NOT NULL, id uuid NOT NULL,
  occurred_at timestamptz NOT NULL, received_at timestamptz NOT NULL,
  contact_id bigint NOT NULL, identity_id bigint, actor_id bigint,
  channel smallint NOT NULL, kind smallint NOT NULL, direction smallint NOT NULL,
  source_id bigint NOT NULL, message_id bigint,
  sentiment_milli smallint, value_minor bigint, currency char(3),
  weight_milli int NOT NULL DEFAULT 1000, certainty smallint NOT NULL DEFAULT 0,
  external_id text NOT NULL, payload jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (workspace_id, id, occurred_at),
  CONSTRAINT touchpoint_moment_in_range CHECK (occurred_at >= '1970-01-01Z' AND occurred_at < '2201-01-01Z'),
  CONSTRAINT touchpoints_touchpoint_contact_id_own FOREIGN KEY (workspace_id, contact_id)
    REFERENCES contacts_contact (workspace_id, id)
) PARTITION BY RANGE (occurred_at);
CREATE INDEX touchpoint_timeline ON touchpoints_touchpoint (workspace_id, contact_id, occurred_at, id);
CREATE INDEX touchpoint_kind ON touchpoints_touchpoint (workspace_id, kind, occurred_at) INCLUDE (contact_id);
ALTER TABLE touchpoints_touchpoint ENABLE ROW LEVEL SECURITY;
ALTER TABLE touchpoints_touchpoint FORCE ROW LEVEL SECURITY;
CREATE POLICY own_workspace ON touchpoints_touchpoint
  USING (workspace_id = nullif(current_setting('ecrm.workspace', true), '')::bigint)
  WITH CHECK (workspace_id = nullif(current_setting('ecrm.workspace', true), '')::bigint);

-- Makes the months between two days, each with its own row security. The app role may not create tables: this
-- function of the owner may, and does nothing else.
CREATE FUNCTION ensure_partitions(first_day date, last_day date) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  month date := date_trunc('month', first_day)::date;
  child text;
  made int := 0;
BEGIN
  IF first_day < current_date - interval '3 years' OR last_day > current_date + interval '2 years' THEN
    RAISE EXCEPTION 'months from % to % are not made: three years back and two ahead are the bounds', first_day, last_day;
  END IF;
  IF to_regclass('touchpoint_past') IS NULL THEN
    EXECUTE format('CREATE TABLE touchpoint_past PARTITION OF touchpoints_touchpoint
      FOR VALUES FROM (MINVALUE) TO (%L)', month::text || ' 00:00+00');
    PERFORM fasten_partition('touchpoint_past');
  END IF;
  WHILE month <= last_day LOOP
    child := 'touchpoint_' || to_char(month, 'YYYY_MM');
    IF to_regclass(child) IS NULL THEN
      EXECUTE format('CREATE TABLE %I PARTITION OF touchpoints_touchpoint FOR VALUES FROM (%L) TO (%L)
        WITH (autovacuum_vacuum_insert_scale_factor = 0.02)', child,
        month::text || ' 00:00+00', (month + interval '1 month')::date::text || ' 00:00+00');
      PERFORM fasten_partition(child);
      made := made + 1;
    END IF;
    month := (month + interval '1 month')::date;
  END LOOP;
  RETURN made;
END $$;
REVOKE ALL ON FUNCTION ensure_partitions(date, date) FROM PUBLIC;

-- A partition read directly is not protected by its parent's policy: it gets its own, and the parent's rights.
CREATE FUNCTION fasten_partition(child text) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', child);
  EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', child);
  EXECUTE format('CREATE POLICY own_workspace ON %I
    USING (workspace_id = nullif(current_setting(''ecrm.workspace'', true), '''')::bigint)
    WITH CHECK (workspace_id = nullif(current_setting(''ecrm.workspace'', true), '''')::bigint)', child);
  EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON %I FROM PUBLIC', child);
END $$;

SELECT ensure_partitions((current_date - interval '24 months')::date, (current_date + interval '3 months')::date);
