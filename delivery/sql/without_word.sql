-- Of people `c` who may have a word about this occasion of a message already: those who have none, nor wait for one ("plan_waiting" of plan.sql).
WHERE NOT EXISTS (SELECT FROM delivery_delivery d WHERE d.workspace_id = %(workspace)s AND d.message_id = %(message)s
    AND d.contact_id = c.id AND d.occasion = %(occasion)s)
  AND NOT EXISTS (SELECT FROM plan_waiting w WHERE w.contact_id = c.id)
