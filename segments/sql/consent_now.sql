-- Whose word on one topic, or on everything, fits the test, by an index alone.
SELECT k.contact_id FROM consent_consentnow k
WHERE k.workspace_id = %(workspace)s AND k.channel = {channel} AND k.topic_id {topic}{test}{only}
