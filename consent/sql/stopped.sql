-- Which addresses stand on the suppression list, and why; until when, where that is known. `addresses` selects (person_id,
-- value), `ends` says which of those that end by themselves count.
-- The hashes are computed in a step of their own, so that the join is a plain comparison and may use its index under
-- row security.
WITH hidden AS MATERIALIZED (
  SELECT held.person_id, held.value,
         encode(substr(sha256(%(outer_pad)s::bytea || sha256(%(inner_pad)s::bytea
                || convert_to(held.value, 'UTF8'))), 1, 16), 'hex') AS address_hash
  FROM ({addresses}) AS held
)
SELECT hidden.person_id, hidden.value, s.reason, s.at, s.ends_at
FROM hidden
JOIN consent_suppression s
  ON s.workspace_id = %(workspace)s AND s.channel = {channel} AND s.address_hash = hidden.address_hash
WHERE s.lifted_at IS NULL AND (s.ends_at IS NULL OR {ends})
