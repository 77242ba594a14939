-- One word about measuring for each contact who has said none yet.
INSERT INTO consent_trackingconsent (workspace_id, contact_id, mode, wording_id, source, page, language, agent, at)
SELECT %(workspace)s, c.id, %(mode)s, %(wording)s, %(source)s, '', '', '', %(now)s
FROM unnest(%(contacts)s::bigint[]) AS c(id)
WHERE NOT EXISTS (SELECT FROM consent_trackingconsent t WHERE t.workspace_id = %(workspace)s AND t.contact_id = c.id)
RETURNING contact_id
