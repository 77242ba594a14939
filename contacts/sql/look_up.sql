-- The identities of a batch, by their place in it, with whether their contact is anonymous. LATERAL with OFFSET 0 keeps
-- one index probe an identity even where the planner has no statistics yet (a first import: 920 ms a thousand otherwise,
-- 4 ms so).
SELECT wanted.place, i.id, i.contact_id, {is_anonymous}
FROM unnest(%(kinds)s::smallint[], %(values)s::text[]) WITH ORDINALITY AS wanted (kind, value, place)
CROSS JOIN LATERAL (SELECT id, contact_id FROM contacts_identity
                    WHERE workspace_id = %(workspace)s AND kind = wanted.kind AND value = wanted.value OFFSET 0) i
{contact}