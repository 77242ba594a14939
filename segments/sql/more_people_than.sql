-- Whether the workspace has more contacts than this: a look into an index that ends there.
SELECT count(*) > %(most)s
FROM (SELECT FROM contacts_contact WHERE workspace_id = %(workspace)s LIMIT %(most)s + 1) AS counted
