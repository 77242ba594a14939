-- Takes all words out of the facts of people who are erased. Facts are append-only for the app, so this function of the
-- owner does it, and no more than this: what is counted (kind, moment, channel, value, which link) stays, and it can
-- make no fact and touch nobody who is not erased.
CREATE FUNCTION erase_facts(contacts bigint[]) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  here bigint := nullif(current_setting('ecrm.workspace', true), '')::bigint;
  gone bigint;
BEGIN
  DELETE FROM touchpoints_received r
  USING touchpoints_touchpoint t
  JOIN contacts_contact c ON c.workspace_id = t.workspace_id AND c.id = t.contact_id AND c.erased_at IS NOT NULL
  WHERE t.workspace_id = here AND t.contact_id = ANY (contacts)
    AND r.workspace_id = here AND r.source_id = t.source_id AND r.key = t.external_id;
  UPDATE touchpoints_touchpoint t
  SET external_id = '', identity_id = NULL,
    payload = CASE WHEN jsonb_typeof(t.payload -> 'link') = 'number' THEN jsonb_build_object('link', t.payload -> 'link')
      ELSE '{}'::jsonb END
  FROM contacts_contact c
  WHERE t.workspace_id = here AND t.contact_id = ANY (contacts)
    AND c.workspace_id = here AND c.id = t.contact_id AND c.erased_at IS NOT NULL;
  GET DIAGNOSTICS gone = ROW_COUNT;
  RETURN gone;
END $$;
REVOKE ALL ON FUNCTION erase_facts(bigint[]) FROM PUBLIC
