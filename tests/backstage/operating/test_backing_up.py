"""A backup and its restore, on databases of their own: everything comes back, or nothing changes."""

import io
import json
import os
import stat
import subprocess
import sys
import tarfile
import uuid
from pathlib import Path

import psycopg
import pytest
from django.db import connection

ROOT = Path(__file__).resolve().parents[3]
FILL = """
from workspaces.founding import found_workspace
from workspaces.current import working_in
from contacts.models import Contact
for slug in ("one", "two"):
    workspace = found_workspace(slug, slug.title())
    with working_in(workspace):
        Contact.objects.create(name=f"Contact of {slug}")
"""

pytestmark = pytest.mark.skipif(
    "ADMIN_DATABASE_URL" not in os.environ, reason="NO ADMIN_DATABASE_URL: backups are not tested"
)


def address(url, database):
    return f"{url.rpartition('/')[0]}/{database}"


class Installation:
    """One database with its own uploads, used by manage.py as an operator does."""

    def __init__(self, folder, *, like=""):
        self.folder, self.database = folder, f"backup_{uuid.uuid4().hex[:10]}"
        self.owner = address(os.environ["DATABASE_URL"], self.database)
        self.admin = address(os.environ["ADMIN_DATABASE_URL"], self.database)
        # Nobody may be in a database while it is copied: threads of live servers still are in the tests'. Each role ends its own.
        for url in (os.environ["ADMIN_DATABASE_URL"], os.environ["DATABASE_URL"]):
            with psycopg.connect(url, autocommit=True) as db:
                db.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND usename = current_user",
                    [like],
                )
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as db:
            db.execute(f"CREATE DATABASE {self.database}" + (f" TEMPLATE {like}" if like else ""))

    def manage(self, *arguments, **extra):
        env = os.environ | {"DATABASE_URL": self.owner, "ADMIN_DATABASE_URL": self.admin, "ECRM_VAR": str(self.folder)}
        env |= {"ECRM_ASSUME_ROLE": "" if arguments[0] == "migrate" else "ecrm_app"} | extra
        command = [sys.executable, "manage.py", *map(str, arguments)]
        return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)

    def ask(self, statement):
        with psycopg.connect(self.admin) as db:
            return db.execute(statement).fetchall()

    def drop(self):
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as db:
            db.execute(f"DROP DATABASE IF EXISTS {self.database} WITH (FORCE)")


@pytest.fixture(scope="module")
def filled(tmp_path_factory, django_db_setup, django_db_blocker):
    """Two workspaces with a contact each, and an upload, in a copy of the migrated test database."""
    with django_db_blocker.unblock():
        connection.close()
        migrated = connection.settings_dict["NAME"]
    installation = Installation(tmp_path_factory.mktemp("from"), like=migrated)
    done = installation.manage("shell", "-c", FILL)
    assert done.returncode == 0, done.stderr
    (installation.folder / "media" / "logos").mkdir(parents=True)
    (installation.folder / "media" / "logos" / "one.svg").write_text("<svg/>")
    yield installation
    installation.drop()


@pytest.fixture(scope="module")
def backup(filled):
    """The backup of `filled`."""
    file = filled.folder / "backup.tar"
    done = filled.manage("backup", file)
    assert done.returncode == 0, done.stderr
    return file


@pytest.fixture
def empty(tmp_path):
    """A database without a table."""
    installation = Installation(tmp_path)
    yield installation
    installation.drop()


CONTACTS = (
    "SELECT w.slug, c.name FROM contacts_contact c JOIN workspaces_workspace w ON w.id = c.workspace_id ORDER BY 1"
)
GUARDED = "SELECT count(*) FROM pg_class WHERE relrowsecurity AND relforcerowsecurity"
RIGHTS = """
    SELECT table_name, privilege_type FROM information_schema.table_privileges
    WHERE grantee = 'ecrm_app' ORDER BY 1, 2
"""
OWNERS = "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'"


def test_everything_comes_back_with_its_guards(filled, backup, empty):
    done = empty.manage("restore", backup)

    assert done.returncode == 0, done.stderr
    assert empty.ask(CONTACTS) == filled.ask(CONTACTS) == [("one", "Contact of one"), ("two", "Contact of two")]
    assert empty.ask(GUARDED) == filled.ask(GUARDED)
    assert empty.ask(GUARDED)[0][0] > 20
    assert empty.ask(RIGHTS) == filled.ask(RIGHTS)
    assert empty.ask(OWNERS) == [("ecrm_owner",)]
    assert (empty.folder / "media" / "logos" / "one.svg").read_text() == "<svg/>"
    assert empty.manage("migrate", "--check").returncode == 0


def test_a_backup_is_one_private_file_that_names_its_versions(backup):
    with tarfile.open(backup) as tar:
        names = tar.getnames()
        manifest = json.load(tar.extractfile("manifest.json"))

    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert names == ["manifest.json", "database.dump", "media/logos/one.svg"]
    assert set(manifest["sha256"]) == set(names[1:])
    assert "workspaces.0001_initial" in manifest["migrations"]
    assert [p.name for p in backup.parent.glob(".backup-*")] == []


def test_a_full_database_is_left_alone_unless_forced(filled, backup):
    refused = filled.manage("restore", backup)
    with psycopg.connect(filled.admin) as db:
        db.execute("UPDATE contacts_contact SET name = 'changed since'")

    forced = filled.manage("restore", backup, "--force")

    assert refused.returncode == 1
    assert "--force" in refused.stderr
    assert forced.returncode == 0, forced.stderr
    assert filled.ask(CONTACTS) == [("one", "Contact of one"), ("two", "Contact of two")]


def test_a_damaged_backup_changes_nothing(filled, backup, tmp_path):
    damaged = tmp_path / "damaged.tar"
    with tarfile.open(backup) as whole, tarfile.open(damaged, "w") as tar:
        for entry in whole.getmembers():
            content = whole.extractfile(entry).read()
            if entry.name == "database.dump":
                content = content[:-1] + bytes([content[-1] ^ 1])
            tar.addfile(entry, io.BytesIO(content))

    done = filled.manage("restore", damaged, "--force")

    assert done.returncode == 1
    assert "database.dump is not what was backed up" in done.stderr
    assert len(filled.ask(CONTACTS)) == 2


def test_without_the_admin_role_a_backup_is_refused_and_says_why(filled, tmp_path):
    without = filled.manage("backup", tmp_path / "b.tar", ADMIN_DATABASE_URL="")
    as_owner = filled.manage("backup", tmp_path / "b.tar", ADMIN_DATABASE_URL=filled.owner)

    assert (without.returncode, as_owner.returncode) == (1, 1)
    assert "ecrm_admin" in without.stderr
    assert "no BYPASSRLS" in as_owner.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_backup_is_never_written_over(filled, backup):
    before = backup.stat().st_mtime_ns

    done = filled.manage("backup", backup)

    assert done.returncode == 1
    assert backup.stat().st_mtime_ns == before
