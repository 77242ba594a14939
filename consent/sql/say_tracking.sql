-- One word about measuring for each contact who has said none yet; what a file said and was undone with it was never said.
INSERT INTO consent_trackingconsent (workspace_id, contact_id, mode, wording_id, source, page, language, agent, at)
SELECT %(workspace)s, c.id, %(mode)s, %(wording)s, %(source)s, '', '', '', %(now)s
FROM unnest(%(contacts)s::bigint[]) AS c(id)
WHERE NOT EXISTS (
  SELECT FROM consent_trackingconsent t
  WHERE t.workspace_id = %(workspace)s AND t.contact_id = c.id
    AND NOT (t.source LIKE 'import %%' AND EXISTS (
      SELECT FROM consent_trackingconsent u
      WHERE u.workspace_id = %(workspace)s AND u.contact_id = c.id AND u.source = t.source AND u.mode IS NULL)))
RETURNING contact_id
