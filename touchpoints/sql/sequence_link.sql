-- One more step of each chain: a moment of this step follows whatever of the person's moments of the step before is
-- earlier, and takes over the latest start that any of these has, since the latest start makes the shortest chain. The
-- frame only grows, so that a person's moments are sorted once and walked through once a step, however many there are.
SELECT contact_id, occurred_at, step,
  CASE WHEN step = {step} THEN max(started_at) FILTER (WHERE step = {before}) OVER earlier ELSE started_at END
    AS started_at
FROM ({chains}) AS chains
WINDOW earlier AS (PARTITION BY contact_id ORDER BY occurred_at
                   RANGE BETWEEN UNBOUNDED PRECEDING AND interval '1 microsecond' PRECEDING)
