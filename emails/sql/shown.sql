-- Who of some people sees which of an email's conditional blocks: `answers` are booleans over `l`, one for each key.
{steps}
SELECT r.key, l.contact_id
FROM {looked} l CROSS JOIN LATERAL unnest(%(keys)s::bigint[], ARRAY[{answers}]) AS r (key, fits)
WHERE r.fits
