-- Ids are drawn one by one again.
ALTER TABLE {table} ALTER COLUMN id SET CACHE 1
