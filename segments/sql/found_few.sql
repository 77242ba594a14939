
-- Who stands today for somebody found by the words searched for, where these are few: each is looked up by key.
AND c.id = ANY(ARRAY(SELECT coalesce(m.survivor_id, f.contact_id)
                     FROM ({words}) AS f
                     LEFT JOIN contacts_merged m ON m.workspace_id = %(workspace)s AND m.loser_id = f.contact_id))
