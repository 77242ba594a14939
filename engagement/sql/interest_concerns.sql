-- Whether anything of a batch can speak for a tag: the one look that a batch of untagged facts costs.
SELECT (%(has_others)s AND EXISTS (SELECT FROM engagement_interesttag t WHERE t.workspace_id = %(workspace)s))
  OR EXISTS (SELECT FROM engagement_linktag l
    WHERE l.workspace_id = %(workspace)s AND l.message_id = ANY (%(messages)s::bigint[]))
