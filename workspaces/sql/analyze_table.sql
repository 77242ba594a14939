-- Count a table of the workspaces' rows anew for the planner. The app role may not ANALYZE what it does not own, so this
-- function of the owner does it: only tables under forced row security, one transaction at a time (whoever comes
-- meanwhile waits for nothing). Returns whether it was done.
CREATE FUNCTION analyze_table(name text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace
                 WHERE s.nspname = 'public' AND c.relname = name AND c.relkind IN ('r', 'p') AND c.relforcerowsecurity) THEN
    RAISE EXCEPTION '% is no table of the workspaces'' rows', name;
  END IF;
  IF NOT pg_try_advisory_xact_lock(hashtext('analyze_table'), hashtext(name)) THEN
    RETURN false;
  END IF;
  EXECUTE format('ANALYZE (SKIP_LOCKED) %I', name);
  RETURN true;
END $$
