-- The identities of a batch, with whether their contact is anonymous. LATERAL with OFFSET 0 keeps one index probe an
-- identity even where the planner has no statistics yet (a first import: 920 ms a thousand otherwise, 4 ms so).
SELECT wanted.kind, wanted.value, i.id, i.contact_id, {is_anonymous}
FROM unnest(%(kinds)s::smallint[], %(values)s::text[]) AS wanted (kind, value)
CROSS JOIN LATERAL (SELECT id, contact_id FROM contacts_identity
                    WHERE workspace_id = %(workspace)s AND kind = wanted.kind AND value = wanted.value OFFSET 0) i
{contact}