-- Of whom a moment of a kind in a span of time was ever corrected: one look by key for each correction.
SELECT DISTINCT one.contact_id
FROM touchpoints_correctedfact k
CROSS JOIN LATERAL (SELECT t.contact_id, t.kind FROM touchpoints_touchpoint t
                    WHERE t.workspace_id = %(workspace)s AND t.id = k.touchpoint_id
                      AND t.occurred_at = k.occurred_at{span} OFFSET 0) AS one
WHERE k.workspace_id = %(workspace)s AND one.kind = {kind}
