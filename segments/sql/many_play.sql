-- Whether more people play a role than a list counts: a look into its index that ends there.
SELECT count(*) > %(most)s
FROM (SELECT FROM contacts_audiencerole
      WHERE workspace_id = %(workspace)s AND role = %(role)s AND until IS NULL LIMIT %(most)s + 1) AS counted
