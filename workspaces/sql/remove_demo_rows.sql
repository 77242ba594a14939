-- Takes every row of the open workspace's rooms away, if that workspace was founded as a demo, and its mark with them.
-- Facts and proofs are append-only for the app, so this function of the owner does it; row security holds it to the
-- open workspace all the same, and the mark is one that the app cannot set on a workspace that holds anything.
CREATE FUNCTION remove_demo_rows() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  here bigint := nullif(current_setting('ecrm.workspace', true), '')::bigint;
  kept text[] := ARRAY['workspaces_auditentry', 'workspaces_auditseal', 'consent_contacthours', 'consent_topic', 'conversations_cannedreply', 'engagement_scoremodel'];
  one record;
  gone bigint := 0;
  n bigint;
  waiting int;
BEGIN
  IF NOT EXISTS (SELECT FROM workspaces_demo WHERE workspace_id = here) THEN
    RAISE EXCEPTION 'workspace % is no demo', here;
  END IF;
  PERFORM set_config('ecrm.made', 'all', true);  -- what goes leaves no history
  FOR pass IN 1..12 LOOP
    waiting := 0;
    FOR one IN SELECT c.relname FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace
               WHERE s.nspname = 'public' AND c.relkind IN ('r', 'p') AND c.relforcerowsecurity
                 AND NOT c.relispartition AND c.relname <> ALL (kept) ORDER BY c.relname LOOP
      BEGIN
        EXECUTE format('DELETE FROM %I WHERE workspace_id = $1', one.relname) USING here;
        GET DIAGNOSTICS n = ROW_COUNT;
        gone := gone + n;
      EXCEPTION WHEN foreign_key_violation THEN
        waiting := waiting + 1;
      END;
    END LOOP;
    EXIT WHEN waiting = 0;
  END LOOP;
  IF waiting > 0 THEN
    RAISE EXCEPTION '% tables could not be emptied', waiting;
  END IF;
  DELETE FROM workspaces_demo WHERE workspace_id = here;
  RETURN gone;
END $$;
REVOKE ALL ON FUNCTION remove_demo_rows() FROM PUBLIC
