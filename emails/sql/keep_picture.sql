-- One picture, once: where its fingerprint is known the row that stands is given back, with an alt text if it had none.
INSERT INTO emails_picture AS p
  (workspace_id, name, content_type, size, data, fingerprint, width, height, alt, made_by_id, made_at)
VALUES
  (%(workspace)s, %(name)s, %(content_type)s, %(size)s, %(data)s, %(fingerprint)s, %(width)s, %(height)s, %(alt)s,
   %(by)s, %(at)s)
ON CONFLICT (workspace_id, fingerprint) DO UPDATE
  SET alt = CASE WHEN p.alt = '' THEN EXCLUDED.alt ELSE p.alt END
RETURNING p.id
