-- The facts just recorded, read from the ledger by their ids and moments, each with the person it counts for.
(SELECT t.*, coalesce(m.survivor_id, t.contact_id) AS contact
 FROM unnest(%(ids)s::uuid[], %(moments)s::timestamptz[]) AS a (id, occurred_at)
 JOIN touchpoints_touchpoint t ON t.workspace_id = %(workspace)s AND t.id = a.id AND t.occurred_at = a.occurred_at
 LEFT JOIN contacts_merged m ON m.workspace_id = %(workspace)s AND m.loser_id = t.contact_id)
