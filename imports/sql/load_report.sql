-- What became of these rows of a file, where none of the lines between the first and the last of them stands in the report
-- yet: one look, where a look at each row for a conflict costs as much as its index.
INSERT INTO imports_importedrow (workspace_id, run_id, line, outcome, reason, contact_id_made, raw, is_new)
SELECT %(workspace)s, %(run)s, line, outcome, reason, contact_id, raw::jsonb, is_new
FROM imports_stage_report
WHERE NOT EXISTS (SELECT FROM imports_importedrow r
                  WHERE r.workspace_id = %(workspace)s AND r.run_id = %(run)s AND r.line BETWEEN %(first)s AND %(last)s)
