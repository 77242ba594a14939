-- A no for each of these contacts whose own newest word on the topic is not a no already.
INSERT INTO consent_consent (workspace_id, contact_id, topic_id, channel, state, basis, source, touchpoint_id, page,
                             language, agent, ip, by_id, at)
SELECT %(workspace)s, who.contact_id, %(topic)s::bigint, %(channel)s, %(withdrawn)s, %(basis)s, %(source)s,
       %(touchpoint_id)s::uuid, %(page)s, %(language)s, %(agent)s, %(ip)s::inet, %(by_id)s::bigint, %(now)s
FROM unnest(%(contacts)s::bigint[]) AS who (contact_id)
LEFT JOIN ({newest_word}) AS word ON word.person_id = who.contact_id
WHERE word.state IS DISTINCT FROM %(withdrawn)s
ORDER BY who.contact_id
RETURNING contact_id
