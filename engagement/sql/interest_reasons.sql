-- The newest facts of one person that spoke for tags: at most three of each tag, newest first.
SELECT tag, kind, occurred_at, about FROM (
  SELECT s.*, row_number() OVER (PARTITION BY tag ORDER BY occurred_at DESC) AS place FROM ({reasons}) s
) r WHERE place <= 3
ORDER BY tag, occurred_at DESC
