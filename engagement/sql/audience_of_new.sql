-- The audience of a new score; one that stands keeps its own (rescoring.py), and is found warm by the upsert that follows.
CASE WHEN EXISTS (SELECT FROM engagement_score e WHERE e.workspace_id = %(workspace)s AND e.contact_id = contact)
  THEN %(no_role)s ELSE {audience} END
