-- Tables and partitions with a workspace_id that row security does not guard in full, without the platform's own.
SELECT c.relname
FROM pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'workspace_id' AND NOT a.attisdropped
WHERE c.relkind IN ('r', 'p')
  AND c.relnamespace = 'public'::regnamespace
  AND c.relname <> ALL (%(shared)s)
  AND NOT (
    c.relrowsecurity
    AND c.relforcerowsecurity
    AND EXISTS (
      SELECT FROM pg_policy p
      WHERE p.polrelid = c.oid AND p.polqual IS NOT NULL AND p.polwithcheck IS NOT NULL
    )
  )
ORDER BY c.relname
