-- Forgets people who exist only because somebody typed their address into a form, and who did not confirm: the contact,
-- what was asked for in their name, the email that asked. Takes contacts of the open workspace; returns those that are
-- gone. Requests for consent are append-only for the app, so this function of the owner does it, and looks itself: who
-- said anything, was written to otherwise, or is known by anything else stays.
CREATE FUNCTION forget_unconfirmed(people bigint[]) RETURNS SETOF bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  here bigint := nullif(current_setting('ecrm.workspace', true), '')::bigint;
  who bigint;
BEGIN
  FOR who IN
    SELECT c.id FROM contacts_contact c
    WHERE c.workspace_id = here AND c.id = ANY (people)
      AND EXISTS (SELECT FROM consent_signup s WHERE s.workspace_id = here AND s.contact_id = c.id AND s.made_contact)
      AND NOT EXISTS (SELECT FROM consent_signup s JOIN consent_signupform f ON f.workspace_id = here AND f.id = s.form_id
                      WHERE s.workspace_id = here AND s.contact_id = c.id
                        AND (s.state = {confirmed} OR s.state = {asked}
                             AND s.asked_at > clock_timestamp() - ({open_days} + f.days_kept) * interval '1 day'))
      AND NOT EXISTS (SELECT FROM consent_consent k WHERE k.workspace_id = here AND k.contact_id = c.id AND k.state <> {requested})
      AND NOT EXISTS (SELECT FROM consent_trackingconsent x WHERE x.workspace_id = here AND x.contact_id = c.id)
      AND (SELECT count(*) FROM contacts_identity i WHERE i.workspace_id = here AND i.contact_id = c.id) <= 1
      AND NOT EXISTS (SELECT FROM contacts_fieldvalue x WHERE x.workspace_id = here AND x.contact_id = c.id)
      AND NOT EXISTS (SELECT FROM contacts_audiencerole x WHERE x.workspace_id = here AND x.contact_id = c.id)
      AND NOT EXISTS (SELECT FROM contacts_tag x WHERE x.workspace_id = here AND x.contact_id = c.id)
      AND NOT EXISTS (SELECT FROM contacts_note x WHERE x.workspace_id = here AND x.contact_id = c.id)
      AND NOT EXISTS (SELECT FROM contacts_merged x WHERE x.workspace_id = here AND c.id IN (x.loser_id, x.survivor_id))
      AND NOT EXISTS (SELECT FROM touchpoints_touchpoint x WHERE x.workspace_id = here AND x.contact_id = c.id)
      AND NOT EXISTS (SELECT FROM delivery_delivery d WHERE d.workspace_id = here AND d.contact_id = c.id
                        AND NOT EXISTS (SELECT FROM portal_confirmationemail e
                                        WHERE e.workspace_id = here AND e.message_id = d.message_id))
    ORDER BY c.id
  LOOP
    BEGIN
      UPDATE consent_signup SET contact_id = NULL WHERE workspace_id = here AND contact_id = who;
      DELETE FROM consent_consent WHERE workspace_id = here AND contact_id = who;
      DELETE FROM delivery_delivery WHERE workspace_id = here AND contact_id = who;
      DELETE FROM contacts_contact WHERE workspace_id = here AND id = who;
      RETURN NEXT who;
    EXCEPTION WHEN foreign_key_violation THEN
      NULL; -- something else refers to them, so they are more than this request
    END;
  END LOOP;
END $$;
REVOKE ALL ON FUNCTION forget_unconfirmed(bigint[]) FROM PUBLIC
