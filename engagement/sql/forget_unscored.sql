-- Nobody has to look at people without a score.
DELETE FROM engagement_fall f WHERE workspace_id = %(workspace)s AND contact_id = ANY(%(ids)s) AND NOT EXISTS (
  SELECT 1 FROM engagement_score s WHERE s.workspace_id = f.workspace_id AND s.contact_id = f.contact_id)
