-- Whose word on a topic fits the test. Who said something of the topic has a row of it, in which what they said of
-- everything is heard already; who did not has said it of this topic too.
{on_topic}
UNION ALL
{on_everything}
  AND NOT EXISTS (SELECT FROM consent_consentnow o
                  WHERE o.workspace_id = %(workspace)s AND o.channel = {channel} AND o.topic_id {topic}
                    AND o.contact_id = k.contact_id)
