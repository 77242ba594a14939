DROP FUNCTION IF EXISTS erase_facts(bigint[])
