-- How many known people play a role themselves, counted in the role's own index up to a limit.
SELECT count(*)
FROM (SELECT FROM contacts_audiencerole r
      CROSS JOIN LATERAL (SELECT FROM contacts_contact c
                          WHERE c.workspace_id = %(workspace)s AND c.id = r.contact_id AND c.erased_at IS NULL
                            AND NOT c.is_anonymous
                            AND NOT EXISTS (SELECT FROM contacts_merged g
                                            WHERE g.workspace_id = %(workspace)s AND g.loser_id = c.id) OFFSET 0) AS known
      WHERE r.workspace_id = %(workspace)s AND r.role = %(role)s AND r.until IS NULL
      LIMIT %(most)s) AS counted
