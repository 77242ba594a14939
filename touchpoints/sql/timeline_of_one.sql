-- A page of one record's touchpoints: named by itself, so that the planner knows how many it has and walks the index in
-- its order. A list of records would be fetched and sorted whole.
(SELECT t.id, t.occurred_at, t.contact_id FROM touchpoints_touchpoint t
 WHERE t.workspace_id = %(workspace)s AND t.contact_id = %({one})s {filters} AND NOT EXISTS (
   SELECT FROM touchpoints_correctedfact k
   WHERE k.workspace_id = %(workspace)s AND k.touchpoint_id = t.id AND k.is_deleted)
 ORDER BY t.occurred_at DESC, t.id DESC
 LIMIT %(limit)s)
