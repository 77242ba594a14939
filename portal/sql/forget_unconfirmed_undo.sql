DROP FUNCTION forget_unconfirmed(bigint[])
