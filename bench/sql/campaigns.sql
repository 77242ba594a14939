-- Each newsletter is a campaign.
SELECT workspace_id, id AS message_id, created_at FROM delivery_message
WHERE workspace_id = %(workspace)s AND id >= %(first_message)s
