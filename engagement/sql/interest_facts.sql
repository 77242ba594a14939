-- What facts `d` speak for: (contact, tag, kind, day, when, what it was about). Of a click the tags of its link, of a page those of the rules that
-- its address fits, of a page or a purchase those named as its category, or as one of its products. Facts of machines, of
-- people of whom no profile is made, and of measuring that a person does not allow are left out. A fragment: `facts` has
-- the ledger's columns and, as `contact`, who it counts for.
SELECT d.contact, x.tag, d.kind, (d.occurred_at AT TIME ZONE %(zone)s::text)::date AS day, d.occurred_at,
  coalesce(d.payload #>> '{context,page,title}', nullif({address}, ''), '') AS about
FROM {facts} d
CROSS JOIN LATERAL (
  SELECT l.tag_id AS tag FROM engagement_linktag l
  WHERE d.kind = %(clicked)s AND l.workspace_id = %(workspace)s AND l.message_id = d.message_id
    AND l.number::text = d.payload ->> 'link'
  UNION
  SELECT r.tag_id FROM engagement_pagerule r
  WHERE d.kind = %(page)s AND r.workspace_id = %(workspace)s AND starts_with({address}, r.begins)
  UNION
  SELECT coalesce(t.merged_into_id, t.id) FROM engagement_interesttag t
  WHERE d.kind IN (%(page)s, %(purchase)s) AND t.workspace_id = %(workspace)s AND t.key IN (
    SELECT lower(btrim(d.payload ->> 'category'))
    UNION ALL
    SELECT lower(btrim(one ->> 'category')) FROM jsonb_array_elements(
      CASE WHEN jsonb_typeof(d.payload -> 'products') = 'array' THEN d.payload -> 'products' END) AS one
    WHERE jsonb_typeof(one) = 'object')
  OFFSET 0
) x
WHERE d.certainty = %(human)s
  AND NOT (d.kind = %(clicked)s AND d.contact <> ALL (%(measured)s::bigint[]))
  AND NOT (d.kind = %(page)s AND d.contact <> ALL (%(seen)s::bigint[]))
  AND EXISTS (SELECT FROM contacts_contact c
    WHERE c.workspace_id = %(workspace)s AND c.id = d.contact AND c.is_profiled AND c.erased_at IS NULL)
  AND NOT ({employed})
