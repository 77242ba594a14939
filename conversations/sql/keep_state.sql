-- Where each of these conversations stands from now on: one row of the arrays for each.
UPDATE conversations_conversation c SET
  state = x.state, waiting_since = x.waiting_since, due_at = x.due_at, resolve_by = x.resolve_by,
  due_minutes = x.due_minutes, due_for = x.due_for, wake_at = x.wake_at,
  priority = x.priority, priority_why = x.why, last_at = x.last_at, snoozed_until = x.snoozed_until,
  changed_at = x.changed_at
FROM unnest(
  %(ids)s::bigint[], %(states)s::text[], %(waiting)s::timestamptz[], %(due)s::timestamptz[], %(resolve)s::timestamptz[],
  %(wake)s::timestamptz[], %(priorities)s::int[], %(whys)s::jsonb[], %(last)s::timestamptz[], %(snoozed)s::timestamptz[],
  %(changed)s::timestamptz[], %(minutes)s::int[], %(due_for)s::text[]
) AS x (
  id, state, waiting_since, due_at, resolve_by, wake_at, priority, why, last_at, snoozed_until, changed_at,
  due_minutes, due_for
)
WHERE c.workspace_id = %(workspace)s AND c.id = x.id
