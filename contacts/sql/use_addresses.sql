-- Each of these addresses is the one that messages to its person go to from now on; the one before is former where
-- `retires` says so. An empty value only retires; a value that is no identity of this person (but of somebody merged into
-- them) changes nothing. Returns what changed: (contact, kind, old, new).
WITH chosen AS (
  SELECT c.*, p.email
  FROM unnest(%(contacts)s::bigint[], %(kinds)s::smallint[], %(values)s::text[], %(retires)s::boolean[])
       AS c (contact_id, kind, value, retires)
  JOIN contacts_contact p ON p.workspace_id = %(workspace)s AND p.id = c.contact_id
  WHERE c.value = '' OR EXISTS (SELECT FROM contacts_identity i WHERE i.workspace_id = %(workspace)s
                                AND i.contact_id = c.contact_id AND i.kind = c.kind AND i.value = c.value)
), before AS MATERIALIZED (
  SELECT chosen.*, old.id AS old_id, old.value AS old_value
  FROM chosen
  LEFT JOIN LATERAL ({primary}) AS old ON true
), kept AS (
  UPDATE contacts_identity i
  SET preferred_at = CASE WHEN i.value = b.value THEN %(now)s ELSE i.preferred_at END,
      former_since = CASE WHEN i.value = b.value THEN NULL WHEN b.retires THEN %(now)s ELSE i.former_since END
  FROM before b
  WHERE i.workspace_id = %(workspace)s AND i.contact_id = b.contact_id AND i.kind = b.kind
    AND (i.value = b.value OR i.id = b.old_id) AND b.old_value IS DISTINCT FROM b.value
), mirrored AS (
  UPDATE contacts_contact c SET email = b.value
  FROM before b
  WHERE c.workspace_id = %(workspace)s AND c.id = b.contact_id AND b.kind = %(email_kind)s AND c.email <> b.value
), told AS (
  -- The number is a field of the person for whoever reads the history; of the email the contact's own column tells.
  INSERT INTO contacts_fieldchange (workspace_id, contact_id, at, by_id, source, changes)
  SELECT %(workspace)s, b.contact_id, said.at, said.by_id, said.source,
         jsonb_build_object('phone', jsonb_build_array(coalesce(b.old_value, ''), b.value))
  FROM before b
  CROSS JOIN said_of_change() AS said
  WHERE b.kind = %(phone_kind)s AND coalesce(b.old_value, '') <> b.value AND b.contact_id <> ALL (said.made)
)
SELECT contact_id, kind, coalesce(old_value, ''), value FROM before WHERE coalesce(old_value, '') <> value
