-- The moments of keys that came before. LATERAL with OFFSET 0 keeps one index probe a key, whatever the planner knows.
SELECT wanted.key, r.occurred_at FROM unnest(%(keys)s::text[]) AS wanted (key)
CROSS JOIN LATERAL (SELECT occurred_at FROM touchpoints_received
                    WHERE workspace_id = %(workspace)s AND source_id = %(source)s AND key = wanted.key OFFSET 0) r
