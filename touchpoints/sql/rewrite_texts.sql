-- Puts other words in place of those that facts of the inbox hold, or none. Facts are append-only for the app, so this
-- function of the owner does it, and no more than this: in the open workspace, for things people wrote to us (kinds), the
-- one key `text`, and only where words stand. It can neither make a fact nor change what is counted.
CREATE FUNCTION rewrite_texts(ids uuid[], moments timestamptz[], texts text[]) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  here bigint := nullif(current_setting('ecrm.workspace', true), '')::bigint;
  changed int;
BEGIN
  UPDATE touchpoints_touchpoint t
  SET payload = CASE WHEN n.words IS NULL THEN t.payload - 'text'
    ELSE jsonb_set(t.payload, ARRAY['text'], to_jsonb(left(n.words, 600))) END
  FROM unnest(ids, moments, texts) AS n (id, at, words)
  WHERE t.workspace_id = here AND t.id = n.id AND t.occurred_at = n.at
    AND t.kind IN ({kinds}) AND t.direction = 0 AND t.payload ? 'text';
  GET DIAGNOSTICS changed = ROW_COUNT;
  RETURN changed;
END $$
