-- Whose day in a custom field is one of %(days)s, or falls on one of these days of the year; with their time zone.
SELECT v.contact_id, c.zone
FROM contacts_fieldvalue v
JOIN contacts_contact c ON c.workspace_id = v.workspace_id AND c.id = v.contact_id AND c.erased_at IS NULL
WHERE v.workspace_id = %(workspace)s AND v.name = %(field)s AND v.moment IS NOT NULL
  AND CASE WHEN %(yearly)s THEN to_char(v.moment AT TIME ZONE %(zone)s, 'MM-DD') = ANY(%(days)s::text[])
    ELSE to_char(v.moment AT TIME ZONE %(zone)s, 'YYYY-MM-DD') = ANY(%(days)s::text[]) END
ORDER BY v.contact_id
