"""The cast: Ada owns Kettle & Co, Bob is on her team, Eve is a stranger with a workspace that has something to leak."""

import gc
import os
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import OperationalError, connection, connections
from django.test import Client, TransactionTestCase
from hypothesis import HealthCheck
from hypothesis import settings as property_settings

from tests import databases
from tests.databases import drop_test_database, empty_all_tables, make_test_database
from workspaces import keys
from workspaces.current import working_in
from workspaces.founding import found_workspace
from workspaces.models import Membership, Role, User, Workspace
from workspaces.tracking_mode import TrackingMode

TRIES = 5  # to empty the tables beside a page that still polls
LONG_ONES = ("tests/browser/", "tests/backstage/", "tests/faults/", "tests/conversations/test_replying")


def pytest_collection_finish() -> None:
    """What is loaded by now stays: the collector need not look through it again and again (a tenth of the CPU)."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 100)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take long come first, or one process would sit at the last of them while the other has nothing left."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONG_ONES))


def use_own_valkey() -> None:
    """Give each test worker a database of its own in Valkey, so that nobody clears another's keys."""
    number = 1 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    url = urlsplit(settings.REDIS_URL)._replace(path=f"/{number}").geturl()
    settings.REDIS_URL = settings.CELERY_BROKER_URL = settings.CACHES["default"]["LOCATION"] = url


use_own_valkey()


def serve_plain_files() -> None:
    """Static files from where they lie, under their own names: each test's client would list all of them anew."""
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.WHITENOISE_AUTOREFRESH = True


serve_plain_files()


def leave_time_out() -> None:
    """No property is false because the machine is busy."""
    property_settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    property_settings.load_profile("house")


leave_time_out()


def become(role: str | None) -> None:
    """Reconnect as the app's own role, or as the owner of the tables (None)."""
    for connection_ in connections.all():
        connection_.close()
        options = connection_.settings_dict.setdefault("OPTIONS", {})
        options.pop("assume_role", None)
        if role:
            options["assume_role"] = role


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest, django_test_environment: None, django_db_blocker: Any
) -> Iterator[None]:
    """Migrate as the owner of the tables, test as the app's role, as in production."""
    worker = getattr(request.config, "workerinput", {}).get("workerid", "")
    name = f"test_ecrm_{os.environ.get('ECRM_TEST_NAME', 'x')}_{worker or 'one'}"
    with django_db_blocker.unblock():
        become(None)
        make_test_database(name)
        become("ecrm_app")
    yield
    with django_db_blocker.unblock():
        become(None)
        end_other_sessions()
        drop_test_database(name)


def end_other_sessions() -> None:
    """End what the threads of a live server left open, or the test database could not be dropped."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND usename = current_user"
        )


@pytest.fixture(scope="session", autouse=True)
def truncate_as_owner() -> None:
    """Tests with real transactions are cleaned up by the owner: the app's role may not truncate."""

    def as_owner(_self: TransactionTestCase) -> None:
        if not databases.is_kept:
            empty_as_owner()

    TransactionTestCase._fixture_teardown = as_owner  # type: ignore[method-assign]


def empty_as_owner() -> None:
    """Every table is empty again."""
    become(None)
    try:
        for left in reversed(range(TRIES)):
            try:
                return empty_all_tables()
            except (psycopg.errors.DeadlockDetected, OperationalError):  # a page that still asks held its locks
                if not left:
                    raise
    finally:
        become("ecrm_app")


@pytest.fixture(autouse=True)
def fast_and_fresh(settings: Any) -> None:
    """Cheap password hashes, an empty cache, tasks that run at once, nothing remembered of keys."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cache.clear()
    keys._remembered.clear()


def make_user(email: str, name: str) -> User:
    return User.objects.create_user(email, "correct horse battery", name=name)


@pytest.fixture
def ada(db: None) -> User:
    """Owns Kettle & Co."""
    return make_user("ada@kettle.example", "Ada Berg")


@pytest.fixture
def kettle(ada: User) -> Workspace:
    """Kettle & Co, the brand we work for. It measures opens and clicks of everybody who does not object."""
    return found_workspace("kettle", "Kettle & Co", owner=ada, zone="Europe/Berlin", mail_tracking=TrackingMode.FULL)


@pytest.fixture
def bob(kettle: Workspace) -> User:
    """A marketer at Kettle & Co."""
    return join(kettle, make_user("bob@kettle.example", "Bob Marsh"), Role.MARKETER)


@pytest.fixture
def eve(db: None) -> User:
    """A stranger."""
    return make_user("eve@rival.example", "Eve Stone")


@pytest.fixture
def rival(eve: User) -> Workspace:
    """Eve's own workspace."""
    return found_workspace("rival", "Rival Teas", owner=eve)


@pytest.fixture
def inside(kettle: Workspace) -> Iterator[Workspace]:
    """Kettle & Co is open for the whole test."""
    with working_in(kettle):
        yield kettle


@pytest.fixture
def vouching(monkeypatch: pytest.MonkeyPatch) -> None:
    """The house offers one more network: one whose server proves who wrote."""
    from lib.rooms import house
    from tests.factories.social import Vouching

    monkeypatch.setitem(house.networks, Vouching.key, Vouching)


@pytest.fixture
def as_ada(client: Client, ada: User, kettle: Workspace) -> Client:
    """A browser in which Ada is logged in."""
    client.force_login(ada)
    return client


@pytest.fixture
def as_eve(eve: User, rival: Workspace) -> Client:
    """A browser in which Eve is logged in."""
    stranger = Client()
    stranger.force_login(eve)
    return stranger


@pytest.fixture
def member(kettle: Workspace) -> Callable[[str], Client]:
    """`member("analyst")`: a browser of somebody with that role at Kettle & Co."""

    def log_in(role: str) -> Client:
        someone = Client()
        someone.force_login(join(kettle, make_user(f"{role}@kettle.example", role.title()), role))
        return someone

    return log_in


def join(workspace: Workspace, user: User, role: str) -> User:
    Membership.objects.create(workspace=workspace, user=user, role=role)
    return user


def as_owner_sql(sql: str) -> None:
    """Run a statement as the owner of the tables."""
    with connection.cursor() as cursor:
        cursor.execute(f"RESET ROLE; {sql}; SET ROLE ecrm_app")
