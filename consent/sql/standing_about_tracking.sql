-- The words about measuring of {contact} that stand: neither undone nor a row that undoes another.
SELECT t.mode, t.from_file, t.source, t.at, t.id FROM consent_trackingconsent t
WHERE t.workspace_id = %(workspace)s AND t.contact_id = {contact} AND t.undoes_id IS NULL
  AND NOT EXISTS (SELECT FROM consent_trackingconsent u WHERE u.workspace_id = %(workspace)s AND u.undoes_id = t.id)
