-- The audience of a person: of the roles that they play now, the first in the order of precedence. A fragment.
coalesce((SELECT r.role FROM contacts_audiencerole r
          WHERE r.workspace_id = %(workspace)s AND r.contact_id = {contact} AND r.until IS NULL
          ORDER BY array_position(%(precedence)s::smallint[], r.role) LIMIT 1), %(no_role)s)
