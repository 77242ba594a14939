-- A FROM clause for newest_word.sql: what the people asked for (`alike`, in eligibility.sql) ever said.
alike
CROSS JOIN LATERAL (SELECT p.id, p.email FROM contacts_contact p
                    WHERE p.workspace_id = %(workspace)s AND p.id = alike.member_id OFFSET 0) AS who
CROSS JOIN LATERAL (SELECT * FROM consent_consent k
                    WHERE k.workspace_id = %(workspace)s AND k.contact_id = alike.member_id OFFSET 0) AS said
