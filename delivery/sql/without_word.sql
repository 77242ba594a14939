-- Of people `c` who may have a word about this occasion of a message already: those who have none, nor wait for one.
WHERE NOT EXISTS (SELECT FROM delivery_delivery d WHERE d.workspace_id = %(workspace)s AND d.message_id = %(message)s
    AND d.contact_id = c.id AND d.occasion = %(occasion)s)
  AND NOT EXISTS (SELECT FROM delivery_recipientchunk k WHERE k.workspace_id = %(workspace)s AND k.message_id = %(message)s
    AND NOT k.is_done AND k.occasion = %(occasion)s AND c.id = ANY(k.contact_ids))
