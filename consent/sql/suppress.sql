-- These addresses stand on the suppression list for a reason; an entry that was lifted stands anew.
-- Whoever asks is noted beside it, up to fifty; from then on "*" stands for everybody else, and is never taken back.
INSERT INTO consent_suppression AS s (workspace_id, channel, address_hash, reason, source, asked_by, at)
SELECT %(workspace)s, %(channel)s, hidden, %(reason)s, %(source)s, jsonb_build_array(%(source)s::text), %(now)s
FROM unnest(%(hashes)s::text[]) AS one (hidden)
ORDER BY hidden
ON CONFLICT (workspace_id, channel, address_hash, reason) DO UPDATE
SET asked_by = CASE WHEN s.lifted_at IS NOT NULL THEN excluded.asked_by
                    WHEN s.asked_by ? %(source)s OR s.asked_by ? '*' THEN s.asked_by
                    WHEN s.asked_by = '[]' THEN jsonb_build_array(s.source) || excluded.asked_by
                    WHEN jsonb_array_length(s.asked_by) >= 50 THEN s.asked_by || '["*"]'
                    ELSE s.asked_by || excluded.asked_by END,
    source = CASE WHEN s.lifted_at IS NULL THEN s.source ELSE excluded.source END,
    lifted_at = NULL, at = CASE WHEN s.lifted_at IS NULL THEN s.at ELSE excluded.at END
