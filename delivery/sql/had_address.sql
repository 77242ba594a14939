-- Whether somebody else with the email of `c` has this occasion of the message, or waits for it. IN, for it is hashed once.
OR c.address <> '' AND EXISTS (SELECT FROM contacts_contact o WHERE o.workspace_id = %(workspace)s AND o.email = c.address
  AND o.id <> c.id AND (
    EXISTS (SELECT FROM delivery_delivery d WHERE d.workspace_id = %(workspace)s AND d.message_id = %(message)s
      AND d.contact_id = o.id AND d.occasion = %(occasion)s AND d.state <> %(excluded)s)
    OR o.id IN (SELECT contact_id FROM plan_waiting)))
