-- Whether opens and clicks of {contact} may be written down now, as consent/sql/tracking_modes.sql says of one contact
-- alone. For sets: where somebody was merged, the statement there also asks the others.
(coalesce((SELECT said.mode FROM ({standing}) AS said ORDER BY {newest} LIMIT 1), %(usual_mode)s) = %(full_mode)s
 AND EXISTS (SELECT FROM contacts_contact m
             WHERE m.workspace_id = %(workspace)s AND m.id = {contact} AND m.is_profiled AND m.erased_at IS NULL))
