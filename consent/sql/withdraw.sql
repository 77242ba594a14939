-- A no for each of these contacts whose own newest word on the topic is not a no already; nor counts a no that may be taken
-- back (a file's, a colleague's) where who says it now may not be.
INSERT INTO consent_consent (workspace_id, contact_id, topic_id, channel, state, basis, source, touchpoint_id, page,
                             language, agent, ip, by_id, at)
SELECT %(workspace)s, who.contact_id, %(topic)s::bigint, %(channel)s, %(withdrawn)s, %(basis)s, %(source)s,
       %(touchpoint_id)s::uuid, %(page)s, %(language)s, %(agent)s, %(ip)s::inet, %(by_id)s::bigint, %(now)s
FROM unnest(%(contacts)s::bigint[]) AS who (contact_id)
LEFT JOIN ({newest_word}) AS word ON word.person_id = who.contact_id
WHERE word.state IS DISTINCT FROM %(withdrawn)s
   OR (word.source LIKE 'import %%' OR word.by_id IS NOT NULL)
      AND (word.source, word.by_id) IS DISTINCT FROM (%(source)s, %(by_id)s::bigint)
ORDER BY who.contact_id
RETURNING contact_id
