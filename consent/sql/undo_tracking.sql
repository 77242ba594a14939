-- These words about measuring were never said: one row for each that names it. Undone once; returns whose they are.
INSERT INTO consent_trackingconsent (workspace_id, contact_id, mode, source, page, language, agent, by_id, at, from_file,
                                     undoes_id)
SELECT %(workspace)s, t.contact_id, NULL, t.source, '', '', '', %(by)s::bigint, greatest(%(now)s, t.at), t.from_file, t.id
FROM consent_trackingconsent t
WHERE t.workspace_id = %(workspace)s AND t.id = ANY(%(words)s::bigint[]) AND t.undoes_id IS NULL
ORDER BY t.id
ON CONFLICT DO NOTHING
RETURNING contact_id
