-- Street and postcode of one person, out of custom fields with the usual names: of several the name that stands first, of
-- people merged into them what they lack.
SELECT coalesce((array_agg(told.text ORDER BY told.is_own DESC, array_position(%(streets)s::text[], told.name))
           FILTER (WHERE told.name = ANY (%(streets)s::text[])))[1], '') AS street,
       coalesce((array_agg(told.text ORDER BY told.is_own DESC, array_position(%(postcodes)s::text[], told.name))
           FILTER (WHERE told.name = ANY (%(postcodes)s::text[])))[1], '') AS postcode
FROM (SELECT v.contact_id = {contact} AS is_own, regexp_replace(lower(v.name), '[^[:alnum:]]', '', 'g') AS name,
             regexp_replace(btrim(v.text), '\s+', ' ', 'g') AS text
      FROM contacts_fieldvalue v
      WHERE v.workspace_id = %(workspace)s AND v.text <> '' AND v.contact_id IN (
        SELECT {contact} UNION ALL
        SELECT m.loser_id FROM contacts_merged m WHERE m.workspace_id = %(workspace)s AND m.survivor_id = {contact})
     ) AS told
