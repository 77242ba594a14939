-- A yes of each of these contacts, who were made a moment ago and never said anything: it is what counts now as well.
-- A list of moments or IPs that ends early says nothing of the rest.
WITH said AS (
  INSERT INTO consent_consent (workspace_id, contact_id, topic_id, channel, state, basis, wording_id, source, page,
                               language, agent, ip, at, expires_at)
  SELECT %(workspace)s, who.contact_id, %(topic)s::bigint, %(channel)s, %(given)s, %(basis)s, %(wording)s::bigint,
         %(source)s, '', '', '', who.ip::inet, coalesce(who.at::timestamptz, %(now)s),
         CASE WHEN %(months)s::int IS NOT NULL
            THEN least(coalesce(who.at::timestamptz, %(now)s) + make_interval(months => %(months)s::int), %(never_after)s) END
  FROM ROWS FROM (unnest(%(contacts)s::bigint[]), json_array_elements_text(%(moments)s::json),
                  json_array_elements_text(%(ips)s::json)) AS who (contact_id, at, ip)
  RETURNING contact_id, expires_at
)
INSERT INTO consent_consentnow (workspace_id, contact_id, channel, topic_id, state, expires_at)
SELECT %(workspace)s, contact_id, %(channel)s, %(topic)s::bigint, %(given)s, expires_at FROM said
