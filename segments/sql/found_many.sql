-- Who stands today for somebody found by the words searched for, where these are many: the list is walked in its order and
-- each looked up in a hash (IS TRUE keeps it a look-up), and not everybody found is fetched and sorted.
AND (c.id IN (SELECT coalesce(m.survivor_id, f.contact_id)
              FROM (SELECT * FROM ({words}) AS hit LIMIT %(most_found)s) AS f
              LEFT JOIN contacts_merged m ON m.workspace_id = %(workspace)s AND m.loser_id = f.contact_id)) IS TRUE
