-- What became of a row is told by its run and line, and no foreign key holds it: both cost as much as writing it.
ALTER TABLE imports_importedrow DROP CONSTRAINT imports_importedrow_run_id_own, DROP CONSTRAINT one_result_a_line,
  DROP CONSTRAINT imports_importedrow_pkey;
-- Nothing is installed yet: the table is small, and nobody waits for it.
-- squawk-ignore constraint-missing-not-valid, adding-serial-primary-key-field
ALTER TABLE imports_importedrow ADD CONSTRAINT imports_importedrow_pkey PRIMARY KEY (workspace_id, run_id, line);
