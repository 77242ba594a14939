-- A FROM clause for newest_word.sql: what everybody of the workspace ever said.
consent_consent said
JOIN contacts_contact who ON who.workspace_id = %(workspace)s AND who.id = said.contact_id
LEFT JOIN contacts_merged m ON m.workspace_id = %(workspace)s AND m.loser_id = said.contact_id
