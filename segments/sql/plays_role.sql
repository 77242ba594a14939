
-- Who plays a role, asked of each person in the order of the list: a role that many play is found soon. OFFSET 0 keeps
-- it a look by key, where the planner would read the whole role.
AND (EXISTS (SELECT FROM contacts_audiencerole r
             WHERE r.workspace_id = %(workspace)s AND r.contact_id = c.id AND r.role = %(role)s AND r.until IS NULL
             OFFSET 0)
     OR EXISTS (SELECT FROM contacts_merged m
                JOIN contacts_audiencerole r ON r.workspace_id = %(workspace)s AND r.contact_id = m.loser_id
                  AND r.role = %(role)s AND r.until IS NULL
                WHERE m.workspace_id = %(workspace)s AND m.survivor_id = c.id OFFSET 0))
