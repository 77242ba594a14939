-- Where people land before they are written as a set: COPY is refused under row security, a temporary table has none.
-- Nobody else reads them.
CREATE TEMPORARY TABLE IF NOT EXISTS contacts_stage_people (
  id bigint, {columns}
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS contacts_stage_identities (
  contact_id bigint, kind smallint, value text
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS contacts_stage_values (
  contact_id bigint, name text, text text, folded text, number float8, moment timestamptz
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS contacts_stage_tags (
  contact_id bigint, name text, folded text
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS contacts_stage_roles (
  contact_id bigint, role smallint
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS contacts_stage_terms (
  contact_id bigint, term text COLLATE "C"
) ON COMMIT DELETE ROWS;
