-- Marks the open workspace as a demo, whose rows may all be taken away at once. The app may call this, so it believes
-- nobody: a workspace in which a person or a fact stands is nobody's demo, and nothing of it is lost by a mark.
CREATE FUNCTION mark_demo() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  here bigint := nullif(current_setting('ecrm.workspace', true), '')::bigint;
BEGIN
  IF EXISTS (SELECT FROM contacts_contact WHERE workspace_id = here)
    OR EXISTS (SELECT FROM touchpoints_touchpoint WHERE workspace_id = here) THEN
    RAISE EXCEPTION 'workspace % is in use: no demo can be made of it', here;
  END IF;
  INSERT INTO workspaces_demo (workspace_id) VALUES (here) ON CONFLICT DO NOTHING;
END $$;
REVOKE ALL ON FUNCTION mark_demo() FROM PUBLIC
