-- New identities; those that somebody else just wrote are left out of the answer.
INSERT INTO contacts_identity (workspace_id, contact_id, kind, value, verified_at, evidence, created_at)
SELECT %(workspace)s, contact, kind, value, CASE WHEN verified THEN statement_timestamp() END, evidence,
       statement_timestamp()
FROM unnest(%(contacts)s::bigint[], %(kinds)s::smallint[], %(values)s::text[], %(verified)s::boolean[],
            %(evidence)s::text[]) AS n (contact, kind, value, verified, evidence)
ON CONFLICT (workspace_id, kind, value, shared_key) DO NOTHING
RETURNING id, contact_id, kind, value
