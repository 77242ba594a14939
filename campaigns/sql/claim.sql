-- Lease the next chunk of a sending campaign for 30 s of the database's clock; two workers never get the same.
UPDATE campaigns_audiencechunk AS chunk
SET epoch = chunk.epoch + 1, leased_until = clock_timestamp() + interval '30 seconds', leased_by = %(by)s
WHERE chunk.workspace_id = %(workspace)s AND chunk.id = (
  SELECT k.id FROM campaigns_audiencechunk k
  JOIN campaigns_campaign c ON c.workspace_id = %(workspace)s AND c.id = k.campaign_id AND c.state = 'sending'
  WHERE k.workspace_id = %(workspace)s AND NOT k.is_done AND k.leased_until IS NULL
    AND coalesce(k.not_before <= clock_timestamp(), true)
  ORDER BY c.planned_at, k.number LIMIT 1 FOR UPDATE OF k SKIP LOCKED)
RETURNING chunk.id, chunk.campaign_id, chunk.epoch, chunk.contact_ids
