-- The facts just recorded, as the batch tells them, each with the person it counts for. The ledger is not read: its many
-- months cost more to plan for than all the rest.
(SELECT a.contact, a.kind, a.occurred_at, a.message_id, a.certainty, a.payload::jsonb AS payload
 FROM unnest(%(contacts)s::bigint[], %(kinds_of)s::smallint[], %(moments)s::timestamptz[], %(messages)s::bigint[],
   %(certainties)s::smallint[], %(payloads)s::text[]) AS a (contact, kind, occurred_at, message_id, certainty, payload))
