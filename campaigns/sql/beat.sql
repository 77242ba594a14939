-- A worker's heartbeat, each 0.2 s: renew the lease, hear whether the campaign goes on, and who of the chunk must not
-- be written to any more since the claim (said no, asked for a pause, was erased, landed on the do-not-contact list).
WITH mine AS (
  UPDATE campaigns_audiencechunk SET leased_until = clock_timestamp() + interval '30 seconds'
  WHERE workspace_id = %(workspace)s AND id = %(chunk)s AND epoch = %(epoch)s AND NOT is_done
    AND leased_until > clock_timestamp()
  RETURNING 1
)
SELECT EXISTS (SELECT FROM mine),
  (SELECT state FROM campaigns_campaign WHERE workspace_id = %(workspace)s AND id = %(campaign)s),
  ARRAY(
    SELECT c.id FROM contacts_contact c WHERE c.workspace_id = %(workspace)s AND c.id = ANY(%(contacts)s)
      AND (c.erased_at IS NOT NULL OR (%(purposeful)s AND (c.paused_until > clock_timestamp() OR c.dial = 0)))
    UNION
    SELECT n.contact_id FROM contacts_consent n WHERE n.workspace_id = %(workspace)s AND n.contact_id = ANY(%(contacts)s)
      AND n.channel = 1 AND n.state = 2 AND n.id > %(consent_mark)s
      AND (n.topic_id IS NULL OR (%(purposeful)s AND n.topic_id = %(topic)s::bigint))
      AND NOT EXISTS (SELECT FROM contacts_consent y WHERE y.workspace_id = %(workspace)s
        AND y.contact_id = n.contact_id AND y.channel = 1 AND y.state = 1 AND y.id > n.id)
  ),
  ARRAY(SELECT s.address_hash FROM contacts_suppression s WHERE s.workspace_id = %(workspace)s AND s.channel = 1
    AND s.lifted_at IS NULL AND s.address_hash = ANY(%(hashes)s))
