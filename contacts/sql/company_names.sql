-- For these numbers of companies: who stands for each today, and its name.
SELECT k.id, s.id, s.name
FROM contacts_company k
JOIN contacts_company s ON s.workspace_id = k.workspace_id AND s.id = coalesce(k.merged_into_id, k.id)
WHERE k.workspace_id = %(workspace)s AND k.id = ANY(%(ids)s)
