-- These addresses stand on the suppression list for a reason; an entry that was lifted stands anew.
INSERT INTO consent_suppression AS s (workspace_id, channel, address_hash, reason, source, at)
SELECT %(workspace)s, %(channel)s, hidden, %(reason)s, %(source)s, %(now)s
FROM unnest(%(hashes)s::text[]) AS one (hidden)
ORDER BY hidden
ON CONFLICT (workspace_id, channel, address_hash, reason) DO UPDATE
SET lifted_at = NULL, at = CASE WHEN s.lifted_at IS NULL THEN s.at ELSE excluded.at END
