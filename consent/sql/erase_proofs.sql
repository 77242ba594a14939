-- Takes where and with what somebody agreed out of their proofs. The ledger is append-only for the app, so this function
-- of the owner does it, and no more than this: in the open workspace, of people who are erased, the columns that lead to
-- a person. That they said yes or no, to which words and when, stays.
CREATE FUNCTION erase_proofs(contacts bigint[]) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  here bigint := nullif(current_setting('ecrm.workspace', true), '')::bigint;
  one text;
  gone bigint := 0;
  n bigint;
BEGIN
  FOREACH one IN ARRAY ARRAY['consent_consent', 'consent_trackingconsent'] LOOP
    EXECUTE format('UPDATE %I k SET ip = NULL, agent = '''', page = '''', source = '''', language = '''', touchpoint_id = NULL
                    FROM contacts_contact c
                    WHERE k.workspace_id = $1 AND k.contact_id = ANY ($2)
                      AND c.workspace_id = $1 AND c.id = k.contact_id AND c.erased_at IS NOT NULL', one)
    USING here, contacts;
    GET DIAGNOSTICS n = ROW_COUNT;
    gone := gone + n;
  END LOOP;
  RETURN gone;
END $$;
REVOKE ALL ON FUNCTION erase_proofs(bigint[]) FROM PUBLIC
