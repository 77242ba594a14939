-- Hold some people and whoever was merged into them, in the order of their ids: a recorder holds each contact it writes a
-- fact of (touchpoints/insert_facts), so what is under way is over now, and nothing new begins.
SELECT c.id FROM contacts_contact c
WHERE c.workspace_id = %(workspace)s AND ({who} OR c.id IN (
  SELECT m.loser_id FROM contacts_merged m WHERE m.workspace_id = %(workspace)s AND {whose}))
ORDER BY c.id FOR UPDATE
