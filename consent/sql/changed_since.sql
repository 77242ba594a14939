-- Of the people of `asked` (id) those about whom something that the gate reads was written by a transaction that was not
-- over yet when the oldest one running was `since` (pg_snapshot_xmin): whoever the gate refuses now and did not then is
-- among them, whatever wrote it and however long it took to commit. Looks by key alone, and no hash without need.
WITH alike AS MATERIALIZED (
  SELECT asked.id AS asked_id, asked.id AS member_id FROM asked
  UNION ALL
  SELECT asked.id, m.loser_id
  FROM asked JOIN contacts_merged m ON m.workspace_id = %(workspace)s AND m.survivor_id = asked.id
), recent AS MATERIALIZED (
  SELECT s.address_hash FROM consent_suppression s
  WHERE s.workspace_id = %(workspace)s AND s.reason = ANY(%(reasons)s::text[])
    AND s.at > %(suppressed_after)s::timestamptz AND s.channel = %(channel)s
    AND age(s.xmin) <= age(%(since)s::text::xid8::xid)
), addresses AS MATERIALIZED (
  SELECT alike.asked_id, i.value, i.xmin AS written_by
  FROM alike
  CROSS JOIN LATERAL (SELECT held.value, held.xmin FROM contacts_identity held
                      WHERE held.workspace_id = %(workspace)s AND held.contact_id = alike.member_id
                        AND held.kind = %(kind)s OFFSET 0) AS i
), people AS MATERIALIZED (
  SELECT alike.asked_id, c.email, c.xmin AS written_by
  FROM alike
  LEFT JOIN LATERAL (SELECT p.email, p.xmin FROM contacts_contact p
                     WHERE p.workspace_id = %(workspace)s AND p.id = alike.member_id OFFSET 0) AS c ON true
), hidden AS MATERIALIZED (
  SELECT held.asked_id, encode(substr(sha256(%(outer_pad)s::bytea || sha256(%(inner_pad)s::bytea
           || convert_to(held.value, 'UTF8'))), 1, 16), 'hex') AS address_hash
  FROM (SELECT asked_id, value FROM addresses
        UNION ALL SELECT asked_id, email FROM people WHERE %(kind)s = %(email_kind)s AND email <> '') AS held
  WHERE EXISTS (SELECT FROM recent)
)
SELECT asked_id FROM people WHERE written_by IS NULL OR age(written_by) <= age(%(since)s::text::xid8::xid)
UNION
SELECT asked_id FROM addresses WHERE age(written_by) <= age(%(since)s::text::xid8::xid)
UNION
SELECT alike.asked_id FROM alike
WHERE EXISTS (SELECT FROM consent_consent k
              WHERE k.workspace_id = %(workspace)s AND k.contact_id = alike.member_id
                AND age(k.xmin) <= age(%(since)s::text::xid8::xid) OFFSET 0)
UNION
SELECT alike.asked_id FROM alike
JOIN contacts_merged m ON m.workspace_id = %(workspace)s AND m.loser_id = alike.member_id
WHERE age(m.xmin) <= age(%(since)s::text::xid8::xid)
UNION
SELECT asked_id FROM hidden JOIN recent USING (address_hash)
