-- A page of companies that stand for themselves, by name, each with how many people are there now. Who was merged is
-- counted with who stands for them.
WITH page AS MATERIALIZED (
  SELECT k.id, k.name, k.folded, k.country
  FROM contacts_company k
  WHERE k.workspace_id = %(workspace)s AND k.merged_into_id IS NULL {narrowed} {after}
  ORDER BY k.folded, k.id
  LIMIT %(limit)s
)
SELECT p.id, p.name, p.folded, p.country,
  (SELECT count(DISTINCT coalesce(m.survivor_id, x.contact_id))
   FROM contacts_position x
   LEFT JOIN contacts_merged m ON m.workspace_id = x.workspace_id AND m.loser_id = x.contact_id
   WHERE x.workspace_id = %(workspace)s AND x.company_id = p.id AND x.until IS NULL) AS people,
  (SELECT array_agg(d.domain ORDER BY d.domain) FROM contacts_companydomain d
   WHERE d.workspace_id = %(workspace)s AND d.company_id = p.id) AS domains
FROM page p
ORDER BY p.folded, p.id
