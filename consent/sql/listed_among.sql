-- What stands on the suppression list of a channel for these hashes, without an end.
SELECT s.address_hash, s.reason
FROM string_to_table(%(hashes)s, E'\n') AS wanted (address_hash)
CROSS JOIN LATERAL (SELECT x.address_hash, x.reason FROM consent_suppression x
                    WHERE x.workspace_id = %(workspace)s AND x.channel = %(channel)s
                      AND x.address_hash = wanted.address_hash AND x.lifted_at IS NULL
                      AND x.ends_at IS NULL OFFSET 0) AS s
