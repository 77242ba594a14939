-- Where the lines of a report land before they are written as a set. Nobody else reads it.
CREATE TEMPORARY TABLE IF NOT EXISTS imports_stage_report (
  line int, outcome text, reason text, contact_id bigint, raw text, is_new boolean
) ON COMMIT DELETE ROWS
