-- What became of these rows of a file; a line that stands in the report already stays as it is.
INSERT INTO imports_importedrow (workspace_id, run_id, line, outcome, reason, contact_id_made, raw, is_new)
SELECT %(workspace)s, %(run)s, line, outcome, reason, contact_id, raw::jsonb, is_new
FROM imports_stage_report
ON CONFLICT (workspace_id, run_id, line) DO NOTHING
