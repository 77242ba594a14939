-- Ids for so many new contacts. The sequence is looked up once.
SELECT nextval(ids.name)
FROM (SELECT pg_get_serial_sequence('contacts_contact', 'id')::regclass AS name OFFSET 0) AS ids,
     generate_series(1, %(count)s)
