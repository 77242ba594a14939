-- All facts of some people that can speak for a tag, as they stand after corrections, each with the person it counts for.
(SELECT t.*, w.survivor AS contact
 FROM (SELECT a.id AS survivor, a.id FROM unnest(%(contacts)s::bigint[]) AS a (id)
       UNION ALL
       SELECT m.survivor_id, m.loser_id FROM contacts_merged m
       WHERE m.workspace_id = %(workspace)s AND m.survivor_id = ANY (%(contacts)s::bigint[])) AS w
 JOIN {facts} t ON t.workspace_id = %(workspace)s AND t.contact_id = w.id AND t.kind = ANY (%(kinds)s::smallint[]))
