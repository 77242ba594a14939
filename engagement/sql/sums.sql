-- Ten sums and heat of people from day weights `d`, seen from the landmark. A fragment: rows of contact_id, sums.
SELECT contact_id, {slot_sums}, sum(h) AS heat
FROM (
  SELECT d.contact_id, w.sum AS sum_no, w.weight * {u} * {growth} AS v, w.weight * {u} * {heat_growth} AS h
  FROM {days} d
  JOIN jsonb_to_recordset(%(weights)s::jsonb)
    AS w (kind smallint, target smallint, weight float8, half_life float8, sum int, mode int)
    ON w.kind = d.kind AND w.target = d.target
  WHERE d.count > 0 AND {which}) u
GROUP BY contact_id
