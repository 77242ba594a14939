-- The contact of an identity `i`: whether anybody knows who it is.
CROSS JOIN LATERAL (SELECT is_anonymous FROM contacts_contact
                    WHERE workspace_id = %(workspace)s AND id = i.contact_id OFFSET 0) c
