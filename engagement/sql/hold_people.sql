-- Hold some people and whoever was merged into them, in the order of their ids: a recorder holds each contact it writes a
-- fact of (touchpoints/insert_facts), so what is under way is over now, and nothing new begins. By an array of ids:
-- for "one of these or one of those" PostgreSQL walks everybody (a million: 120 ms for one, where these take 10).
SELECT count(*)
FROM (SELECT c.id FROM contacts_contact c
      WHERE c.workspace_id = %(workspace)s AND c.id = ANY(ARRAY(
        SELECT p.id FROM contacts_contact p WHERE p.workspace_id = %(workspace)s AND {who}
        UNION
        SELECT m.loser_id FROM contacts_merged m WHERE m.workspace_id = %(workspace)s AND {whose}))
      ORDER BY c.id FOR UPDATE) AS held
