#!/bin/sh
# The three roles, the database and its extensions; PostgreSQL's image runs this once, on an empty volume.
set -eu
psql --set ON_ERROR_STOP=1 --username postgres --dbname postgres \
    --set owner="$OWNER_PASSWORD" --set app="$APP_PASSWORD" --set admin="$ADMIN_PASSWORD" <<'SQL'
CREATE ROLE ecrm_app LOGIN NOSUPERUSER PASSWORD :'app';
CREATE ROLE ecrm_owner LOGIN NOSUPERUSER CREATEDB PASSWORD :'owner';
CREATE ROLE ecrm_admin LOGIN NOSUPERUSER BYPASSRLS CREATEDB PASSWORD :'admin';
GRANT ecrm_app TO ecrm_owner;
GRANT ecrm_owner TO ecrm_admin;
\connect template1
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS citext;
CREATE EXTENSION IF NOT EXISTS btree_gin;
CREATE EXTENSION IF NOT EXISTS unaccent;
\connect postgres
CREATE DATABASE ecrm OWNER ecrm_owner ENCODING 'UTF8' TEMPLATE template1;
SQL
