-- A yes for each of these contacts that never said anything about the topic or about everything,
-- or whose yes has ended and who said it again at a moment that is told.
INSERT INTO consent_consent (workspace_id, contact_id, topic_id, channel, state, basis, wording_id, source, page,
                             language, agent, ip, at, expires_at)
SELECT %(workspace)s, who.contact_id, %(topic)s::bigint, %(channel)s, %(given)s, %(basis)s, %(wording)s::bigint,
       %(source)s, '', '', '', who.ip::inet, coalesce(who.at::timestamptz, %(now)s),
       CASE WHEN %(months)s::int IS NOT NULL
            THEN least(coalesce(who.at::timestamptz, %(now)s) + make_interval(months => %(months)s::int), %(never_after)s) END
FROM ROWS FROM (unnest(%(contacts)s::bigint[]), json_array_elements_text(%(moments)s::json),
                json_array_elements_text(%(ips)s::json)) AS who (contact_id, at, ip)
LEFT JOIN ({newest_word}) AS word ON word.person_id = who.contact_id
WHERE word.person_id IS NULL OR (word.lapsed AND who.at::timestamptz > word.at)
ORDER BY who.contact_id
RETURNING contact_id
