-- A FROM clause for newest_word.sql: what the people asked for (`members`, in eligibility.sql) ever said.
members AS who
CROSS JOIN LATERAL (SELECT * FROM consent_consent k
                    WHERE k.workspace_id = %(workspace)s AND k.contact_id = who.id OFFSET 0) AS said
