-- Takes people away whom one import made and of whom nothing else is known; returns whom. Words of consent and the history
-- are append-only for the app, so this function of the owner does it, and looks itself: of the open workspace, of people
-- whom this run made, nobody who said, did or was changed by anything but this file. Facts that files brought and that are
-- voided by now say nothing of them any more: they go with their people.
CREATE OR REPLACE FUNCTION remove_imported(people bigint[], run bigint) RETURNS SETOF bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  here bigint := nullif(current_setting('ecrm.workspace', true), '')::bigint;
  said text;
  going bigint[];
  who bigint;
BEGIN
  SELECT left('import ' || r.id || ': ' || r.file_name, 80) INTO said
  FROM imports_importrun r WHERE r.workspace_id = here AND r.id = run;
  SELECT coalesce(array_agg(c.id ORDER BY c.id), '{}') INTO going FROM contacts_contact c
  WHERE c.workspace_id = here AND c.id = ANY (people) AND c.erased_at IS NULL
    AND EXISTS (SELECT FROM imports_importedrow x WHERE x.workspace_id = here AND x.run_id = run
                  AND x.is_new AND x.contact_id_made = c.id)
    AND NOT EXISTS (SELECT FROM consent_consent x WHERE x.workspace_id = here AND x.contact_id = c.id AND x.source <> said)
    AND NOT EXISTS (SELECT FROM consent_trackingconsent x
                    WHERE x.workspace_id = here AND x.contact_id = c.id AND x.source <> said)
    AND NOT EXISTS (SELECT FROM contacts_fieldchange x
                    WHERE x.workspace_id = here AND x.contact_id = c.id AND x.source <> said)
    AND NOT EXISTS (SELECT FROM contacts_merged x WHERE x.workspace_id = here AND c.id IN (x.loser_id, x.survivor_id))
    AND NOT EXISTS (SELECT FROM touchpoints_touchpoint x
                    WHERE x.workspace_id = here AND x.contact_id = c.id
                      AND NOT (EXISTS (SELECT FROM touchpoints_source s
                                       WHERE s.workspace_id = here AND s.id = x.source_id AND s.key = 'imports')
                               AND EXISTS (SELECT FROM touchpoints_correctedfact k
                                           WHERE k.workspace_id = here AND k.touchpoint_id = x.id AND k.is_deleted)));
  FOREACH who IN ARRAY going LOOP
    BEGIN
      DELETE FROM consent_consent WHERE workspace_id = here AND contact_id = who;
      DELETE FROM consent_trackingconsent WHERE workspace_id = here AND contact_id = who;
      DELETE FROM touchpoints_correction k USING touchpoints_touchpoint x
      WHERE k.workspace_id = here AND x.workspace_id = here AND x.contact_id = who AND k.touchpoint_id = x.id;
      DELETE FROM touchpoints_correctedfact k USING touchpoints_touchpoint x
      WHERE k.workspace_id = here AND x.workspace_id = here AND x.contact_id = who AND k.touchpoint_id = x.id;
      DELETE FROM touchpoints_touchpoint WHERE workspace_id = here AND contact_id = who;
      DELETE FROM contacts_fieldchange WHERE workspace_id = here AND contact_id = who;
      DELETE FROM contacts_contact WHERE workspace_id = here AND id = who;
      RETURN NEXT who;
    EXCEPTION WHEN foreign_key_violation THEN
      NULL; -- something else refers to them, so they are more than a row of this file
    END;
  END LOOP;
END $$
