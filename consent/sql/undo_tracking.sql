-- What a source said of how far these contacts let us measure was never said, where nothing was said since.
INSERT INTO consent_trackingconsent (workspace_id, contact_id, mode, source, page, language, agent, by_id, at)
SELECT %(workspace)s, c.id, NULL, %(source)s, '', '', '', %(by)s::bigint, greatest(%(now)s, newest.at)
FROM unnest(%(contacts)s::bigint[]) AS c (id)
CROSS JOIN LATERAL (SELECT t.mode, t.source, t.at FROM consent_trackingconsent t
                    WHERE t.workspace_id = %(workspace)s AND t.contact_id = c.id
                    ORDER BY t.at DESC, t.id DESC LIMIT 1) AS newest
WHERE newest.source = %(source)s AND newest.mode IS NOT NULL
RETURNING contact_id
