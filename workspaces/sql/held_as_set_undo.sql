-- The rows of this reference are held by nothing any more.
DROP TRIGGER IF EXISTS {rule} ON {table};
DROP TRIGGER IF EXISTS {rule}_moved ON {table};
DROP TRIGGER IF EXISTS {rule}_gone ON {target};
DROP FUNCTION IF EXISTS {rule}();
DROP FUNCTION IF EXISTS {rule}_moved();
DROP FUNCTION IF EXISTS {rule}_gone()
