"""What runs with the owner's rights trusts nobody who calls it."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from consent.models import SignUp
from contacts.models import Contact
from lib.clock import now
from lib.sql import run_text
from portal.signing_up.submitting import Asked, Circumstances, submit
from tests.factories.contacts import letter, make_contact
from tests.factories.sign_up_forms import make_form
from workspaces.current import working_in
from workspaces.demo import NoDemoError, mark_demo, remove_demo
from workspaces.models import Demo, Workspace


def refused(sql: str) -> str:
    """What PostgreSQL says to the app's role."""
    with pytest.raises(DatabaseError) as caught, transaction.atomic():
        run_text(sql)
    return str(caught.value)


@pytest.fixture
def lived_in(inside):
    Contact.objects.create(name="Greta", email="greta@kettle.example")
    return inside


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO workspaces_demo (workspace_id) VALUES ({0})",
        "UPDATE workspaces_demo SET workspace_id = {0}",
        "DELETE FROM workspaces_demo",
        "TRUNCATE workspaces_demo",
        "ALTER TABLE workspaces_demo OWNER TO ecrm_app",
    ],
)
def test_the_app_cannot_mark_a_demo_itself(lived_in, sql):
    assert any(word in refused(sql.format(lived_in.pk)) for word in ("permission denied", "must be owner"))


def test_no_demo_is_made_of_a_workspace_in_use_so_nothing_of_it_can_be_wiped(lived_in):
    assert "is in use" in refused("SELECT mark_demo()")
    assert "is no demo" in refused("SELECT remove_demo_rows()")
    with pytest.raises(NoDemoError):
        remove_demo(lived_in, by=None)
    assert Contact.objects.count() == 1


def test_a_demo_goes_with_its_mark_and_nobody_elses_rows_go(kettle, rival):
    with working_in(rival):
        Contact.objects.create(name="Eve's own")
    with working_in(kettle):
        mark_demo()
        Contact.objects.create(name="Made up")
        demo = Workspace.objects.get(pk=kettle.pk)

        assert demo.is_demo
        assert remove_demo(demo, by=None) > 0
        assert not demo.is_demo
        assert "is no demo" in refused("SELECT remove_demo_rows()")
        Contact.objects.create(name="A real person")
        assert "is in use" in refused("SELECT mark_demo()")
    with working_in(rival):
        assert (Contact.objects.count(), Demo.objects.count()) == (1, 0)


def test_without_an_open_workspace_neither_does_anything(db):
    assert refused("SELECT mark_demo()")
    assert "is no demo" in refused("SELECT remove_demo_rows()")


@pytest.mark.parametrize(
    ("first", "last"),
    [("2020-01-01", "current_date"), ("current_date", "9999-12-31"), ("0001-01-01", "9999-12-31"), ("-infinity", "infinity")],
)  # fmt: skip
def test_months_without_end_are_not_made(db, first, last):
    days = ", ".join(day if day == "current_date" else f"'{day}'::date" for day in (first, last))

    assert "are the bounds" in refused(f"SELECT ensure_partitions({days})")


def test_they_are_for_the_app_alone_and_find_only_our_own_tables(db):
    rows = run_text("""
        SELECT p.proname, coalesce(p.proacl::text, 'PUBLIC'), p.proconfig::text FROM pg_proc p
        JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'public' AND p.prosecdef""")

    assert len(rows) >= 3
    for name, rights, settings in rows:
        assert "PUBLIC" not in rights, name
        assert "{=X/" not in rights, name
        assert ",=X/" not in rights, name
        assert "search_path=public, pg_temp" in settings, name
    assert connection.vendor == "postgresql"


def test_people_of_another_workspace_and_people_who_are_somebody_are_not_forgotten(kettle, rival):
    gone = {}
    for workspace in (kettle, rival):
        with working_in(workspace):
            form = make_form("Form")
            made = submit(form.versions.first(), Asked("a@x.example", [letter()], {}), Circumstances(language="en"))
            SignUp.objects.update(asked_at=now() - timedelta(days=30))
            gone[workspace.slug] = made.contact_id
            grown = make_contact("Greta")

    with working_in(kettle):
        asked = [gone["kettle"], gone["rival"], grown.pk, *Contact.objects.values_list("pk", flat=True)]
        rows = run_text("SELECT forget_unconfirmed(%(people)s::bigint[])", {"people": asked})
        assert rows == [(gone["kettle"],)]
    with working_in(rival):
        assert Contact.objects.filter(pk=gone["rival"]).exists()
    assert run_text("SELECT forget_unconfirmed(%(people)s::bigint[])", {"people": [gone["rival"]]}) == []
