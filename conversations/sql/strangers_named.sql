-- Strangers who write by an email address or a number that one of these contacts has, and every handle that one of them has (a stranger
-- of any network may go by it); nothing where there is no stranger at all, nor of addresses where none writes emails.
-- Nearly everybody has an address and hardly anybody a handle: one look by key for each.
WITH named AS MATERIALIZED (
  SELECT i.kind, i.value
  FROM unnest(%(contacts)s::bigint[]) AS who (id)
  CROSS JOIN LATERAL (SELECT x.kind, x.value FROM contacts_identity x
                      WHERE x.workspace_id = %(workspace)s AND x.contact_id = who.id AND x.shared_key = 0
                        AND (x.kind = %(handle)s OR x.kind = %(email)s AND EXISTS (
                          SELECT FROM conversations_publicauthor p
                          WHERE p.workspace_id = %(workspace)s AND p.network = ANY(%(mail)s::text[])
                            AND p.contact_id IS NULL AND p.claimed_by = 0)
                          OR x.kind = %(phone)s AND EXISTS (
                          SELECT FROM conversations_publicauthor p
                          WHERE p.workspace_id = %(workspace)s AND p.network = ANY(%(phones)s::text[])
                            AND p.contact_id IS NULL AND p.claimed_by = 0)) OFFSET 0) AS i
  WHERE EXISTS (SELECT FROM conversations_publicauthor p
                WHERE p.workspace_id = %(workspace)s AND p.contact_id IS NULL AND p.claimed_by = 0)
)
SELECT a.id, NULL AS value
FROM named
CROSS JOIN unnest(%(mail)s::text[]) AS mail (network)
CROSS JOIN LATERAL (SELECT p.id FROM conversations_publicauthor p
                    WHERE p.workspace_id = %(workspace)s AND p.network = mail.network AND p.handle = named.value
                      AND p.claimed_by = 0 AND p.contact_id IS NULL OFFSET 0) AS a
WHERE named.kind = %(email)s
UNION ALL
SELECT a.id, NULL
FROM named
CROSS JOIN unnest(%(phones)s::text[]) AS phones (network)
CROSS JOIN LATERAL (SELECT p.id FROM conversations_publicauthor p
                    WHERE p.workspace_id = %(workspace)s AND p.network = phones.network AND p.handle = named.value
                      AND p.claimed_by = 0 AND p.contact_id IS NULL OFFSET 0) AS a
WHERE named.kind = %(phone)s
UNION ALL
SELECT NULL, named.value FROM named WHERE named.kind = %(handle)s
