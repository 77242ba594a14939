-- The identities of a batch, by their place in it, with whether their contact is anonymous, and whether it is shared: then
-- of those who use it who did first. LATERAL with LIMIT keeps one index probe an identity even where the planner
-- has no statistics yet (a first import: 920 ms a thousand otherwise, 4 ms so).
SELECT wanted.place, i.id, i.contact_id, {is_anonymous}, i.shared_key <> 0
FROM unnest(%(kinds)s::smallint[], %(values)s::text[]) WITH ORDINALITY AS wanted (kind, value, place)
CROSS JOIN LATERAL (SELECT id, contact_id, shared_key FROM contacts_identity
                    WHERE workspace_id = %(workspace)s AND kind = wanted.kind AND value = wanted.value
                    ORDER BY (shared_key <> 0), id LIMIT 1) i
{contact}