-- The people of an audience who have no word of these messages, wait for none, and whose address has none either: also
-- where two people were made one meanwhile, or somebody's address is another by now.
WITH test_waiting AS MATERIALIZED (
  SELECT unnest(k.contact_ids) AS contact_id FROM delivery_recipientchunk k
  WHERE k.workspace_id = %(workspace)s AND k.message_id = ANY(%(test_messages)s) AND NOT k.is_done
), test_had AS MATERIALIZED (
  SELECT contact_id FROM delivery_delivery
  WHERE workspace_id = %(workspace)s AND message_id = ANY(%(test_messages)s)
  UNION SELECT contact_id FROM test_waiting
), test_people AS MATERIALIZED (
  SELECT contact_id FROM test_had
  UNION SELECT g.survivor_id FROM test_had h JOIN contacts_merged g ON g.workspace_id = %(workspace)s
    AND g.loser_id = h.contact_id
), test_addresses AS MATERIALIZED (
  SELECT address FROM delivery_delivery
  WHERE workspace_id = %(workspace)s AND message_id = ANY(%(test_messages)s) AND state <> %(test_excluded)s
    AND address <> ''
  UNION SELECT {address} FROM test_waiting w JOIN contacts_contact p ON p.workspace_id = %(workspace)s
    AND p.id = w.contact_id
)
SELECT tested.contact_id FROM ({audience}) AS tested
JOIN contacts_contact p ON p.workspace_id = %(workspace)s AND p.id = tested.contact_id
WHERE NOT EXISTS (SELECT FROM test_people h WHERE h.contact_id = tested.contact_id)
  AND NOT EXISTS (SELECT FROM test_addresses a WHERE a.address <> '' AND a.address = {address})
