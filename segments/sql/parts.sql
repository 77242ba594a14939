-- Who fits a rule, in the order of their ids, in parts of so many.
SELECT part::text, cardinality(part)
FROM (SELECT array_agg(contact_id ORDER BY contact_id) AS ids FROM ({fits}) AS fits) AS found
CROSS JOIN LATERAL generate_series(1, cardinality(ids), %(r_at_once)s) AS first
CROSS JOIN LATERAL (SELECT ids[first:first + %(r_at_once)s - 1] AS part) AS cut
ORDER BY first
