-- Of the roles that the person of a row plays now, the first in the order of precedence.
LEFT JOIN LATERAL (
  SELECT r.role FROM contacts_audiencerole r
  WHERE r.workspace_id = {row}.workspace_id AND r.contact_id = {row}.contact_id AND r.until IS NULL
  ORDER BY array_position(%(precedence)s::smallint[], r.role) LIMIT 1) a ON true
