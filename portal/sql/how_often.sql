-- How often each kind of thing happened with one person, and in the last year.
SELECT t.kind, count(*) AS n, count(*) FILTER (WHERE t.occurred_at > %(since)s) AS lately
FROM {facts} t
WHERE t.workspace_id = %(workspace)s AND t.contact_id = ANY(%(contacts)s) AND t.certainty = %(human)s
GROUP BY t.kind
