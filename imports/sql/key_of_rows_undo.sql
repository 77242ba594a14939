-- A number of its own tells a row again, and a foreign key holds it to its run.
ALTER TABLE imports_importedrow DROP CONSTRAINT imports_importedrow_pkey;
-- squawk-ignore constraint-missing-not-valid, adding-serial-primary-key-field, adding-foreign-key-constraint, disallowed-unique-constraint
ALTER TABLE imports_importedrow
  ADD CONSTRAINT imports_importedrow_pkey PRIMARY KEY (workspace_id, id),
  ADD CONSTRAINT one_result_a_line UNIQUE (workspace_id, run_id, line),
  ADD CONSTRAINT imports_importedrow_run_id_own FOREIGN KEY (workspace_id, run_id)
    REFERENCES imports_importrun (workspace_id, id) ON DELETE CASCADE;
