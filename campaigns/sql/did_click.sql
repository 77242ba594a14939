-- Who of `got` clicked, no machine, in time.
SELECT message_id, contact_id, 1::float8 AS value FROM got WHERE clicked_at <= sent_at + %(within)s
