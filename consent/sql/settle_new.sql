-- What counts now of people who have said this yes and nothing else.
INSERT INTO consent_consentnow (workspace_id, contact_id, channel, topic_id, state)
SELECT %(workspace)s, who.id, %(channel)s, %(topic)s::bigint, %(given)s
FROM unnest(%(contacts)s::bigint[]) AS who (id)
