-- Of these people those whose right to have interests counted differs from what is counted: days where none may be kept, or
-- none where they may and something could speak for a tag; the latter is asked of `few` alone.
SELECT d.contact FROM unnest(%(contacts)s::bigint[]) AS d (contact)
JOIN contacts_contact c ON c.workspace_id = %(workspace)s AND c.id = d.contact
CROSS JOIN LATERAL (SELECT array_agg(DISTINCT i.kind) AS kinds FROM engagement_interestday i
  WHERE i.workspace_id = %(workspace)s AND i.contact_id = d.contact) AS counted
CROSS JOIN LATERAL (SELECT c.is_profiled AND c.erased_at IS NULL AND NOT ({employed}) AS any_kind,
  d.contact = ANY (%(measured)s::bigint[]) AS clicks, d.contact = ANY (%(seen)s::bigint[]) AS pages) AS may
WHERE (counted.kinds IS NOT NULL AND (NOT may.any_kind
    OR (NOT may.clicks AND %(clicked)s = ANY (counted.kinds)) OR (NOT may.pages AND %(page)s = ANY (counted.kinds))))
  OR (%(few)s AND may.any_kind AND EXISTS (SELECT FROM touchpoints_touchpoint t
    WHERE t.workspace_id = %(workspace)s AND t.contact_id = d.contact
      AND (t.kind = %(clicked)s AND may.clicks AND NOT coalesce(%(clicked)s = ANY (counted.kinds), false)
        OR t.kind = %(page)s AND may.pages AND NOT coalesce(%(page)s = ANY (counted.kinds), false)
        OR t.kind = %(purchase)s AND counted.kinds IS NULL)))
