-- Each loser is the same person as its survivor from now on; who was linked to a loser follows. The pairs are flat: no
-- survivor among them is a loser.
WITH pairs AS (
  SELECT * FROM unnest(%(losers)s::bigint[], %(survivors)s::bigint[]) AS p (loser_id, survivor_id)
), followers AS (
  UPDATE contacts_merged m SET survivor_id = p.survivor_id
  FROM pairs p
  WHERE m.workspace_id = %(workspace)s AND m.survivor_id = p.loser_id
    AND NOT m.loser_id = ANY(%(losers)s::bigint[])
)
INSERT INTO contacts_merged (workspace_id, loser_id, survivor_id, into_id, at, reason)
SELECT %(workspace)s, loser_id, survivor_id, survivor_id, %(now)s, %(reason)s FROM pairs ORDER BY loser_id
ON CONFLICT (workspace_id, loser_id) DO UPDATE
SET survivor_id = excluded.survivor_id, into_id = excluded.into_id, reason = excluded.reason
