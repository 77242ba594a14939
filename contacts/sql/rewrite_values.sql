-- Values of a custom field become others, a value at a time of contacts by number after one and up to another; where
-- nothing comes in its place (a NULL text) the value goes. Returns whose value it was.
WITH wanted AS MATERIALIZED (
  SELECT * FROM unnest(%(was_texts)s::text[], %(was_numbers)s::float8[], %(was_moments)s::timestamptz[],
      %(texts)s::text[], %(folds)s::text[], %(numbers)s::float8[], %(moments)s::timestamptz[])
    AS w (was_text, was_number, was_moment, text, folded, number, moment)
), gone AS (
  DELETE FROM contacts_fieldvalue v USING wanted w
  WHERE v.workspace_id = %(workspace)s AND v.name = %(name)s AND v.contact_id > %(after)s
    AND v.contact_id <= %(until)s AND w.text IS NULL
    AND v.text = w.was_text AND v.number IS NOT DISTINCT FROM w.was_number
    AND v.moment IS NOT DISTINCT FROM w.was_moment
  RETURNING v.contact_id
), changed AS (
  UPDATE contacts_fieldvalue v
  SET text = w.text, folded = w.folded, number = w.number, moment = w.moment, updated_at = %(now)s
  FROM wanted w
  WHERE v.workspace_id = %(workspace)s AND v.name = %(name)s AND v.contact_id > %(after)s
    AND v.contact_id <= %(until)s AND w.text IS NOT NULL
    AND v.text = w.was_text AND v.number IS NOT DISTINCT FROM w.was_number
    AND v.moment IS NOT DISTINCT FROM w.was_moment
  RETURNING v.contact_id
)
SELECT contact_id FROM gone UNION ALL SELECT contact_id FROM changed
