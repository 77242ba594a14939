-- These contacts are at these companies from now on, which come first; of who is there already the role is the new one, and the
-- one before is kept.
INSERT INTO contacts_position (workspace_id, contact_id, company_id, role_there, source, first_at, created_at)
SELECT %(workspace)s, n.contact_id, n.company_id, n.role_there, %(source)s, %(now)s, %(now)s
FROM unnest(%(contacts)s::bigint[], %(companies)s::bigint[], %(roles)s::text[]) AS n (contact_id, company_id, role_there)
ORDER BY n.contact_id, n.company_id
ON CONFLICT (workspace_id, contact_id, company_id) WHERE until IS NULL
DO UPDATE SET role_there = excluded.role_there, first_at = excluded.first_at,
  earlier = contacts_position.earlier || jsonb_build_array(
    jsonb_build_array(excluded.source, contacts_position.role_there, contacts_position.first_at))
