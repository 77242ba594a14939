-- A number of its own tells a word of a contact again, and every value stands in the indexes of numbers and moments.
ALTER TABLE contacts_searchterm DROP CONSTRAINT contacts_searchterm_pkey;
-- squawk-ignore constraint-missing-not-valid, adding-serial-primary-key-field, disallowed-unique-constraint
ALTER TABLE contacts_searchterm
  ADD CONSTRAINT contacts_searchterm_pkey PRIMARY KEY (workspace_id, id),
  ADD CONSTRAINT one_term_each UNIQUE (workspace_id, term, contact_id);
DROP INDEX trait_number;
DROP INDEX trait_moment;
CREATE INDEX trait_number ON contacts_fieldvalue (workspace_id, name, number);
CREATE INDEX trait_moment ON contacts_fieldvalue (workspace_id, name, moment);
