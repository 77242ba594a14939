-- What the planner believes the open workspace has in each of these tables; a table of which it believes far too little
-- (a tenth, and 500 fewer, than there is) is counted anew. The app role may not ANALYZE what it does not own, so this
-- function of the owner does it: only tables under forced row security, one transaction at a time (whoever comes
-- meanwhile waits for nothing). Where it believes in 10,000, the walk to see whether it is more yet would cost too much.
CREATE FUNCTION survey_tables(names text[]) RETURNS TABLE (name text, believed bigint, was_counted boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  here bigint := nullif(current_setting('ecrm.workspace', true), '')::bigint;
  plan json;
  most bigint;
  has bigint;
BEGIN
  IF here IS NULL THEN
    RAISE EXCEPTION 'no workspace is open';
  END IF;
  FOREACH name IN ARRAY names LOOP
    IF NOT EXISTS (SELECT FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace WHERE s.nspname = 'public'
                   AND c.relname = name AND c.relkind IN ('r', 'p') AND c.relforcerowsecurity) THEN
      RAISE EXCEPTION '% is no table of the workspaces'' rows', name;
    END IF;
    EXECUTE format('EXPLAIN (FORMAT JSON) SELECT FROM %I WHERE workspace_id = %s', name, here) INTO plan;
    believed := (plan -> 0 -> 'Plan' ->> 'Plan Rows')::numeric::bigint;
    was_counted := false;
    IF believed < 10000 THEN
      most := 10 * believed + 500;
      EXECUTE format('SELECT count(*) FROM (SELECT FROM %I WHERE workspace_id = %s LIMIT %s) AS found', name, here, most)
        INTO has;
      IF has = most AND pg_try_advisory_xact_lock(hashtext('survey_tables'), hashtext(name)) THEN
        EXECUTE format('ANALYZE (SKIP_LOCKED) %I', name);
        was_counted := true;
      END IF;
    END IF;
    RETURN NEXT;
  END LOOP;
END $$
