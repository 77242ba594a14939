-- Nothing is written down any more.
DROP TRIGGER contact_history ON contacts_contact;
DROP TRIGGER value_history ON contacts_fieldvalue;
DROP TRIGGER new_value_history ON contacts_fieldvalue;
DROP TRIGGER gone_value_history ON contacts_fieldvalue;
DROP FUNCTION keep_field_changes();
DROP FUNCTION keep_value_changes();
DROP FUNCTION keep_new_values();
DROP FUNCTION keep_gone_values();
DROP FUNCTION value_of_field(text, float8, timestamptz);
DROP FUNCTION said_of_change()
