-- The one word that counts for each person on one topic and channel: of each voice the newest, of several voices the
-- most restrictive. A voice is an address: people merged from several have several, and a yes from one address does
-- not overrule a no from another. `said` is a FROM clause that offers rows of the ledger as `said` and whose they are
-- as `who` (id, email); `person` is the id of who stands for them today.
SELECT DISTINCT ON (newest.person_id) newest.*
FROM (SELECT DISTINCT ON (word.person_id, word.voice) word.*
      FROM (SELECT {person} AS person_id,
                   CASE WHEN {kind} = %(email_kind)s AND who.email <> '' THEN who.email ELSE who.id::text END AS voice,
                   said.id, said.state, said.topic_id, said.basis, said.source, said.at, said.by_id,
                   said.state = %(given)s AND coalesce(said.expires_at <= {now}, false) AS lapsed
            FROM {said}
            WHERE said.workspace_id = %(workspace)s AND said.channel = {channel}
              AND said.state IN (%(given)s, %(withdrawn)s)
              AND NOT EXISTS (SELECT FROM consent_consent u
                              WHERE u.workspace_id = %(workspace)s AND u.undoes_id = said.id)
              AND (said.topic_id IS NULL OR said.topic_id = {topic}::bigint){only}) AS word
      ORDER BY word.person_id, word.voice, word.at DESC, word.id DESC) AS newest
ORDER BY newest.person_id, newest.state DESC, newest.lapsed DESC, newest.at DESC, newest.id DESC
