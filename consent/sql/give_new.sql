-- A yes of each of these contacts, who were made a moment ago and never said anything: it is what counts now as well.
-- A list of moments or IPs that ends early says nothing of the rest.
WITH said AS (
  INSERT INTO consent_consent (workspace_id, contact_id, topic_id, channel, state, basis, wording_id, source, page,
                               language, agent, ip, at)
  SELECT %(workspace)s, who.contact_id, %(topic)s::bigint, %(channel)s, %(given)s, %(basis)s, %(wording)s::bigint,
         %(source)s, '', '', '', who.ip::inet, coalesce(who.at::timestamptz, %(now)s)
  FROM ROWS FROM (unnest(%(contacts)s::bigint[]), json_array_elements_text(%(moments)s::json),
                  json_array_elements_text(%(ips)s::json)) AS who (contact_id, at, ip)
  RETURNING contact_id
)
INSERT INTO consent_consentnow (workspace_id, contact_id, channel, topic_id, state)
SELECT %(workspace)s, contact_id, %(channel)s, %(topic)s::bigint, %(given)s FROM said
