-- What waits for one member, how many conversations hold a note that names them unseen, and the teams they are in.
SELECT
  (SELECT count(*) FROM conversations_conversation
    WHERE workspace_id = %(workspace)s AND assignee_id = %(user)s AND state = 'waiting') AS mine,
  (SELECT count(DISTINCT conversation_id) FROM conversations_teamnotemention
    WHERE workspace_id = %(workspace)s AND user_id = %(user)s AND seen_at IS NULL
      AND created_at > %(since)s) AS named,
  ARRAY(SELECT team_id FROM conversations_teammember
    WHERE workspace_id = %(workspace)s AND user_id = %(user)s) AS teams
