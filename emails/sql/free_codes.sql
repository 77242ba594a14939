-- What was given to these contacts for a message and occasion a moment ago, and will not reach them, is free again.
UPDATE emails_offercode SET contact_id = NULL, message_id = NULL, occasion = 0, given_at = NULL
WHERE workspace_id = %(workspace)s AND pool_id = %(pool)s AND message_id = %(message)s AND occasion = %(occasion)s
  AND contact_id = ANY(%(contacts)s::bigint[]) AND redeemed_at IS NULL
