-- Opens and clicks on their deliveries. First moments only get earlier; a sign also proves that one in doubt arrived,
-- and that one which waits to be sent again because of a doubt need not be: where they got this message once only, for a
-- sign does not say of which occasion it is.
UPDATE delivery_delivery AS d
SET opened_at = least(d.opened_at, x.opened), unsure_opened_at = least(d.unsure_opened_at, x.unsure),
  machine_opened_at = least(d.machine_opened_at, x.machine), clicked_at = least(d.clicked_at, x.clicked),
  sent_at = CASE WHEN x.is_only AND (d.state = %(in_doubt)s OR d.state = %(deferred)s AND d.reason = 'unknown')
    THEN least(x.opened, x.unsure, x.machine, x.clicked) ELSE d.sent_at END,
  state = CASE WHEN x.is_only AND (d.state = %(in_doubt)s OR d.state = %(deferred)s AND d.reason = 'unknown')
    THEN %(sent)s ELSE d.state END
FROM (SELECT message, contact, min(at) FILTER (WHERE certainty = %(human)s) AS opened,
        min(at) FILTER (WHERE certainty = %(unsure)s) AS unsure, min(at) FILTER (WHERE certainty = %(machine)s) AS machine,
        min(at) FILTER (WHERE certainty = %(human)s AND is_click) AS clicked,
        (SELECT count(*) FROM delivery_delivery o WHERE o.workspace_id = %(workspace)s AND o.message_id = u.message
           AND o.contact_id = u.contact) = 1 AS is_only
      FROM unnest(%(messages)s::bigint[], %(contacts)s::bigint[], %(ats)s::timestamptz[], %(certainties)s::int[],
        %(clicks)s::bool[]) AS u (message, contact, at, certainty, is_click) GROUP BY 1, 2) AS x
WHERE d.workspace_id = %(workspace)s AND d.message_id = x.message AND d.contact_id = x.contact
