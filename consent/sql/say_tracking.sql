-- A file's word about measuring for each contact who said nothing themselves, once a file. It stands beside those of other
-- files: one of them may be undone. Returns for whom it is new or allows less than the files before.
WITH who AS MATERIALIZED (
  SELECT c.id, stands.*
  FROM unnest(%(contacts)s::bigint[]) AS c(id)
  CROSS JOIN LATERAL (
    SELECT coalesce(bool_or(NOT said.from_file), false) AS is_own, min(said.mode) AS mode,
           coalesce(bool_or(said.source = %(source)s AND said.mode = %(mode)s), false) AS is_said
    FROM ({standing}) AS said) AS stands
), added AS (
  INSERT INTO consent_trackingconsent (workspace_id, contact_id, mode, wording_id, source, page, language, agent, at,
                                       from_file)
  SELECT %(workspace)s, who.id, %(mode)s, %(wording)s, %(source)s, '', '', '', %(now)s, true
  FROM who WHERE NOT who.is_own AND NOT who.is_said
  RETURNING contact_id
)
SELECT added.contact_id FROM added JOIN who ON who.id = added.contact_id
WHERE who.mode IS NULL OR %(mode)s < who.mode
