-- Takes the ledger away again.
DROP FUNCTION ensure_partitions(date, date);
DROP FUNCTION fasten_partition(text);
DROP TABLE touchpoints_touchpoint;
