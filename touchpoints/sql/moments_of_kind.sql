-- Whose moments of a kind, and when: read from an index alone, but for the few people of whom such a moment was corrected
-- (`corrected` is a step with them), whose moments are read as they stand now.
(SELECT t.contact_id, t.occurred_at FROM touchpoints_touchpoint t
 WHERE {which} AND t.contact_id NOT IN (SELECT {corrected}.contact_id FROM {corrected})
 UNION ALL
 SELECT t.contact_id, t.occurred_at FROM {facts} t
 WHERE {which} AND t.contact_id IN (SELECT {corrected}.contact_id FROM {corrected}))
