"""What the app's own role may do with each table, set after every migration."""

from typing import Any

from django.conf import settings
from django.db import connection

APPEND_ONLY = {
    "touchpoints_touchpoint",
    "touchpoints_correction",
    "consent_consent",
    "consent_consentwording",
    "consent_trackingconsent",
    "contacts_fieldchange",
    "workspaces_auditentry",
    "workspaces_auditseal",
}
READ_ONLY = {"workspaces_demo"}  # written by functions of the owner alone
GRANTS = """
-- Rights of the app role on every table of ours; facts and proofs may only be added and read. Functions that run with
-- their owner's rights are for the app role alone, not for whoever may connect.
DO $$
DECLARE t record; app text := %(role)s;
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = app) OR current_user = app THEN RETURN; END IF;
  EXECUTE format('GRANT USAGE ON SCHEMA public TO %%I', app);
  EXECUTE format('GRANT SELECT, USAGE, UPDATE ON ALL SEQUENCES IN SCHEMA public TO %%I', app);
  FOR t IN SELECT c.oid, c.relname,
                  coalesce((SELECT p.relname FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent
                            WHERE i.inhrelid = c.oid), c.relname) AS root
           FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') LOOP
    EXECUTE format('REVOKE ALL ON %%I FROM %%I', t.relname, app);
    IF t.root = ANY (%(read_only)s) THEN
      EXECUTE format('GRANT SELECT ON %%I TO %%I', t.relname, app);
    ELSIF t.root = ANY (%(append_only)s) THEN
      EXECUTE format('GRANT SELECT, INSERT ON %%I TO %%I', t.relname, app);
    ELSE
      EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %%I TO %%I', t.relname, app);
    END IF;
  END LOOP;
  FOR t IN SELECT p.oid::regprocedure AS call FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
           WHERE n.nspname = 'public' AND p.prosecdef LOOP
    EXECUTE format('REVOKE ALL ON FUNCTION %%s FROM PUBLIC', t.call);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %%s TO %%I', t.call, app);
  END LOOP;
END $$
"""


def grant_to_app_role(**_: Any) -> None:
    """Give the app role its rights. Does nothing where that role does not exist or is the one migrating."""
    with connection.cursor() as cursor:
        sql = cursor.cursor.mogrify if hasattr(cursor.cursor, "mogrify") else None
        params = {"role": settings.APP_ROLE, "append_only": sorted(APPEND_ONLY), "read_only": sorted(READ_ONLY)}
        cursor.execute(sql(GRANTS, params) if sql else GRANTS, None if sql else params)
