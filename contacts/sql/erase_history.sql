-- Takes the former values out of the history of people who are erased. It is append-only for the app, so this function of
-- the owner does it, and no more than this: in the open workspace, of people who are erased. Which field changed when stays.
CREATE FUNCTION erase_history(contacts bigint[]) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  here bigint := nullif(current_setting('ecrm.workspace', true), '')::bigint;
  gone bigint;
BEGIN
  UPDATE contacts_fieldchange k
  SET source = '', changes = (SELECT coalesce(jsonb_object_agg(key, '[null, null]'::jsonb), '{}')
                              FROM jsonb_object_keys(k.changes) AS key WHERE key = ANY (ARRAY[{names}]))
  FROM contacts_contact c
  WHERE k.workspace_id = here AND k.contact_id = ANY (contacts)
    AND c.workspace_id = here AND c.id = k.contact_id AND c.erased_at IS NOT NULL;
  GET DIAGNOSTICS gone = ROW_COUNT;
  RETURN gone;
END $$;
REVOKE ALL ON FUNCTION erase_history(bigint[]) FROM PUBLIC
