-- A worker's heartbeat: renew the lease for 30 s of the database's clock, hear whether the message goes on, and of whom of
-- the chunk the gate may think otherwise since the claim.
WITH mine AS (
  UPDATE delivery_recipientchunk SET leased_until = clock_timestamp() + interval '30 seconds'
  WHERE workspace_id = %(workspace)s AND id = %(chunk)s AND epoch = %(epoch)s AND NOT is_done
    AND leased_until > clock_timestamp()
  RETURNING 1
)
SELECT EXISTS (SELECT FROM mine),
  (SELECT state FROM delivery_message WHERE workspace_id = %(workspace)s AND id = %(message)s),
  ARRAY({changed})
