-- The facts of a batch, each with the person it counts for: who stands for its contact after linking.
(SELECT r.*, coalesce(m.survivor_id, r.contact_id) AS contact FROM {rows} r
 LEFT JOIN LATERAL (SELECT survivor_id FROM contacts_merged
   WHERE workspace_id = %(workspace)s AND loser_id = r.contact_id OFFSET 0) m ON true)
