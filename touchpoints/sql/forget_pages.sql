-- Takes the words out of page views of the open workspace that happened before a moment, at most so many at once: which
-- page it was, from where, with what. That somebody looked at a page then stays, for what is counted. Facts are
-- append-only for the app, so this function of the owner does it, and nothing younger than 30 days.
CREATE FUNCTION forget_pages(page_kind smallint, before timestamptz, at_once integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  here bigint := nullif(current_setting('ecrm.workspace', true), '')::bigint;
  gone bigint;
BEGIN
  UPDATE touchpoints_touchpoint t
  SET payload = '{}'::jsonb
  FROM (
    SELECT p.id, p.occurred_at FROM touchpoints_touchpoint p
    WHERE p.workspace_id = here AND p.kind = page_kind
      AND p.occurred_at < least(before, now() - interval '30 days') AND p.payload <> '{}'::jsonb
    LIMIT at_once
  ) AS old
  WHERE t.workspace_id = here AND t.id = old.id AND t.occurred_at = old.occurred_at;
  GET DIAGNOSTICS gone = ROW_COUNT;
  RETURN gone;
END $$;
REVOKE ALL ON FUNCTION forget_pages(smallint, timestamptz, integer) FROM PUBLIC
