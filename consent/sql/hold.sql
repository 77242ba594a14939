-- These addresses are held until a moment; a hold that stands gets the new one. Returned are those of whom it is news.
INSERT INTO consent_suppression AS s
  (workspace_id, channel, address_hash, reason, source, asked_by, at, ends_at)
SELECT %(workspace)s, %(channel)s, hidden, %(reason)s, %(source)s, jsonb_build_array(%(source)s::text), %(now)s, until
FROM unnest(%(hashes)s::text[], %(ends)s::timestamptz[]) AS one (hidden, until)
ORDER BY hidden
ON CONFLICT (workspace_id, channel, address_hash, reason) DO UPDATE
SET at = CASE WHEN s.lifted_at IS NULL AND s.ends_at > %(now)s THEN s.at ELSE excluded.at END,
    ends_at = excluded.ends_at, lifted_at = NULL
WHERE s.lifted_at IS NOT NULL OR s.ends_at IS DISTINCT FROM excluded.ends_at
RETURNING address_hash
