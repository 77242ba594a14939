"""Files and who was erased: no file brings them back, and no report and no file that lies about still names them."""

from datetime import timedelta
from pathlib import Path

import pytest
import time_machine

from contacts.models import Contact, Identity
from imports.models import ImportedRow, ImportRun
from imports.starting import begin_import, keep_file
from imports.tasks import forget_files
from privacy.erasing import erase_person
from tests.factories.contacts import make_contact
from workspaces.current import working_in
from workspaces.models import AgendaItem

PHONE = "+4915112345678"


@pytest.fixture(autouse=True)
def own_var(settings, tmp_path):
    settings.VAR_DIR, settings.MEDIA_ROOT = tmp_path / "var", tmp_path / "media"


def files(settings) -> list[Path]:
    return [one for one in Path(settings.MEDIA_ROOT).rglob("*") if one.is_file()]


def test_a_file_brings_nobody_back_by_email_or_phone_and_its_report_keeps_no_cell(kettle, ada, bring):
    text = "Email,Phone,First name\nx@tea.example,,Xanthippe\n,+49 1511 2345678,Xanthippe\nb@tea.example,,Bo\n"
    with working_in(kettle):
        mailed, called = make_contact("Xanthippe", "x@tea.example"), make_contact("Xanthippe")
        Identity.objects.create(contact=called, kind=Identity.Kind.PHONE, value=PHONE)
        for one in (mailed, called):
            erase_person(one.pk, by=ada)

        result = bring(text)

        assert result.outcomes == {2: "suppressed", 3: "suppressed", 4: "created"}
        assert not Contact.objects.filter(given_name="Xanthippe").exists()
        assert not ImportedRow.objects.filter(raw__icontains="xanthippe").exists()


def test_a_phone_that_somebody_else_shares_keeps_nobody_out(kettle, ada, bring):
    with working_in(kettle):
        called = make_contact("Xanthippe")
        Identity.objects.create(contact=called, kind=Identity.Kind.PHONE, value=PHONE)
        erase_person(called.pk, by=ada)

        assert bring(f"Email,Phone\nson@tea.example,{PHONE}\n").outcomes == {2: "created"}


def test_the_second_line_of_a_person_goes_with_them(kettle, ada, bring):
    text = "Email,First name\nx@tea.example,Xanthippe\nx@tea.example,Xanthippe\n"
    with working_in(kettle):
        assert bring(text).outcomes == {2: "created", 3: "duplicate"}
        assert ImportedRow.objects.filter(raw__icontains="xanthippe").exists()

        erase_person(Contact.objects.get().pk, by=ada)

        assert not ImportedRow.objects.filter(raw__icontains="xanthippe").exists()


def test_a_file_that_nobody_goes_on_with_is_not_kept_for_ever(kettle, settings):
    with working_in(kettle):
        run = begin_import(keep_file([b"Email\nx@tea.example\n"], "people.csv"), "people.csv")
        assert AgendaItem.objects.filter(workspace=kettle, work="imports.forget_files").exists()
    assert forget_files(kettle) == run.created_at + timedelta(days=30)
    assert len(files(settings)) == 1
    with time_machine.travel(run.created_at + timedelta(days=31)):
        assert forget_files(kettle) is None
    assert files(settings) == []
    with working_in(kettle):
        run = ImportRun.objects.get()
        assert (run.state, bool(run.error)) == ("failed", True)
