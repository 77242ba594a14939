-- What one file says of some orders and visits, as a set; what it said of them before is replaced.
INSERT INTO imports_importedrecord (workspace_id, key, run_id, line, contact_id, said)
SELECT %(workspace)s, key, %(run)s, line, contact, said::jsonb
FROM unnest(%(keys)s::uuid[], %(lines)s::int[], %(contacts)s::bigint[], string_to_array(%(saids)s::text, chr(10)))
  AS r (key, line, contact, said)
ORDER BY key
ON CONFLICT (workspace_id, key, run_id) DO UPDATE SET said = excluded.said, contact_id = excluded.contact_id
