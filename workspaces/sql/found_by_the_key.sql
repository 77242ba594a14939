-- What held_as_set.sql makes today, for the functions that it made before: what is referred to, or refers, is found by the
-- one index that has it in order. Where everything is new there is none of them.
DO $$
DECLARE
  made record;
  text text;
BEGIN
  FOR made IN
    SELECT p.oid::regprocedure AS name, pg_get_functiondef(p.oid) AS text FROM pg_proc p
    WHERE p.pronamespace = 'public'::regnamespace AND p.prolang = (SELECT l.oid FROM pg_language l WHERE l.lanname = 'plpgsql')
      AND p.prosrc LIKE '%violates foreign key constraint%' AND p.proconfig @> '{enable_seqscan=off}'
  LOOP
    text := regexp_replace(made.text, 'AND t\.id = named\.target_id( FOR KEY SHARE)? OFFSET 0\)',
      'AND t.id BETWEEN named.target_id AND named.target_id ORDER BY t.id LIMIT 1\1)');
    text := regexp_replace(text, 'AND k\.(\w+) = g\.id LIMIT 1\)', 'AND k.\1 BETWEEN g.id AND g.id ORDER BY k.\1 LIMIT 1)');
    IF text <> made.text THEN
      EXECUTE text;
      EXECUTE format('ALTER FUNCTION %s SET enable_sort = off', made.name);
    END IF;
  END LOOP;
END $$
