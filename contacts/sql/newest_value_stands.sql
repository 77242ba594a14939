-- What load_values does with a field that somebody has already.
ON CONFLICT (workspace_id, contact_id, name) DO UPDATE
SET text = excluded.text, folded = excluded.folded, number = excluded.number, moment = excluded.moment,
    updated_at = excluded.updated_at
