-- The people of an audience whose bucket lies in the share of one version of a test.
SELECT tested.contact_id FROM ({audience}) AS tested
JOIN contacts_contact p ON p.workspace_id = %(workspace)s AND p.id = tested.contact_id
WHERE {bucket} >= %(test_from)s AND {bucket} < %(test_until)s
