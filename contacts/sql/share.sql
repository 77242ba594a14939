-- These contacts use these addresses and nobody alone: whoever held one alone shares it from now on. What is shared already
-- keeps why. Contact.email is theirs who has none.
WITH wanted AS MATERIALIZED (
  SELECT contact_id, kind, value
  FROM ROWS FROM (unnest(%(contacts)s::bigint[]), unnest(%(kinds)s::smallint[]), json_array_elements_text(%(values)s::json))
       AS w (contact_id, kind, value)
), marked AS (
  UPDATE contacts_identity i
  SET shared_key = i.contact_id, shared_since = %(now)s, shared_why = %(why)s, shared_by = %(by)s
  FROM (SELECT DISTINCT kind, value FROM wanted) AS w
  WHERE i.workspace_id = %(workspace)s AND i.kind = w.kind AND i.value = w.value AND i.shared_key = 0
  RETURNING i.contact_id, i.kind, i.value
), added AS (
  INSERT INTO contacts_identity (workspace_id, contact_id, kind, value, evidence, created_at, shared_key, shared_since,
                                 shared_why, shared_by)
  SELECT DISTINCT %(workspace)s, w.contact_id, w.kind, w.value, %(evidence)s, %(now)s, w.contact_id, %(now)s,
         %(why)s, %(by)s
  FROM wanted w
  WHERE NOT EXISTS (SELECT FROM marked m WHERE m.contact_id = w.contact_id AND m.kind = w.kind AND m.value = w.value)
  ON CONFLICT DO NOTHING
  RETURNING contact_id, kind, value
), mirrored AS (
  UPDATE contacts_contact c SET email = a.value
  FROM added a
  WHERE c.workspace_id = %(workspace)s AND c.id = a.contact_id AND a.kind = %(email_kind)s AND c.email = ''
)
SELECT contact_id FROM marked UNION SELECT contact_id FROM added
