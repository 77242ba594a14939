DROP FUNCTION IF EXISTS erase_proofs(bigint[])
