-- A FROM clause for newest_word.sql: what the people asked for (`members`, in eligibility.sql) ever said.
members AS who
JOIN (SELECT * FROM consent_consent k
      WHERE k.workspace_id = %(workspace)s AND k.contact_id = ANY(ARRAY(SELECT member_id FROM alike)) OFFSET 0) AS said
  ON said.contact_id = who.id
