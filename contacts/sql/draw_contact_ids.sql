-- Ids for so many new contacts.
SELECT nextval(pg_get_serial_sequence('contacts_contact', 'id')) FROM generate_series(1, %(count)s)
