"""Who is erased stays erased: whatever was on its way, is made at the same moment, or comes by a backup."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.utils import timezone

from consent.consenting import give_consent
from consent.models import Suppression
from consent.suppressing import is_suppressed
from contacts.channels import Channel
from contacts.duplicates.deciding import merge_contacts, undo_merge
from contacts.models import Contact, Identity, Note
from contacts.noting import add_note
from lib.clock import now
from privacy import packing
from privacy.asking import answer, open_request
from privacy.erasing import (
    NotSecondError,
    agree_to_erase,
    erase_person,
    erase_what_came,
    erasures_file,
    replay_erasures,
)
from privacy.models import PrivacyRequest
from privacy.packing import forget_packages, make_packages
from tests.factories.contacts import letter, make_contact
from touchpoints.facts import Fact
from touchpoints.models import Touchpoint
from touchpoints.recording import record
from touchpoints.sources import source_for
from workspaces.current import working_in
from workspaces.models import AgendaItem, Membership


@pytest.fixture(autouse=True)
def own_var(settings, tmp_path):
    settings.VAR_DIR, settings.MEDIA_ROOT = tmp_path / "var", tmp_path / "media"


def files(settings) -> list[Path]:
    return [one for one in Path(settings.MEDIA_ROOT).rglob("*") if one.is_file()]


# --- On its way ------------------------------------------------------------------------------------------------------


def test_what_was_on_its_way_goes_too_and_the_day_of_the_erasure_stays(kettle, ada):
    with working_in(kettle):
        who = make_contact("Xanthippe", "x@tea.example")
        erase_person(who.pk, by=ada)
        moment = Contact.objects.get(pk=who.pk).erased_at
        record(  # by somebody who had found them before
            [Fact("message", "m", now(), contact_id=who.pk, payload={"text": "I am Xanthippe"})],
            source=source_for("shop", "Shop"),
        )
        Identity.objects.create(contact=who, kind=Identity.Kind.EMAIL, value="x@tea.example")
        add_note(who, "Xanthippe called", by=ada)
        due = AgendaItem.objects.get(workspace=kettle, work="privacy.erase_what_came").due_at
        assert due <= now() + timedelta(minutes=15)

    assert erase_what_came(kettle) > now()
    with working_in(kettle):
        assert Touchpoint.objects.get().payload == {}
        assert Identity.objects.count() == Note.objects.count() == 0
        assert Contact.objects.get(pk=who.pk).erased_at == moment
    with time_machine.travel(moment + timedelta(days=3)):
        assert erase_what_came(kettle) is None


def test_what_was_not_written_down_for_a_restore_is_written_down_later(kettle, ada, django_capture_on_commit_callbacks):
    with working_in(kettle):
        who = make_contact("Xanthippe")
        erase_person(who.pk, by=ada)  # and it stops before it is written down
    assert not erasures_file().exists()

    for _again in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            erase_what_came(kettle)

    assert [json.loads(line)["contacts"] for line in erasures_file().read_text().splitlines()] == [[who.pk]]


# --- Packages --------------------------------------------------------------------------------------------------------


def test_a_package_that_is_being_made_meanwhile_is_not_handed_over(kettle, ada, monkeypatch, settings):
    """And nothing of the request comes back that the erasure took out of it."""
    with working_in(kettle):
        who = make_contact("Xanthippe", "x@tea.example")
        open_request("access", who, way="own_page", by=None, details="I am Xanthippe", identity="signed_link")
    made = packing._write

    def erased_in_between(*args):
        counts = made(*args)
        erase_person(who.pk, by=ada)
        return counts

    monkeypatch.setattr(packing, "_write", erased_in_between)
    make_packages(kettle)

    with working_in(kettle):
        request = PrivacyRequest.objects.get()
        assert (request.package_state, request.package, request.details) == ("gone", "", "")
    assert files(settings) == []


def test_one_package_that_cannot_be_made_holds_up_no_other(kettle, monkeypatch, settings):
    with working_in(kettle):
        first, second = make_contact("A"), make_contact("B")
        for one in (first, second):
            open_request("access", one, way="own_page", by=None, identity="signed_link")
    made = packing._write

    def broken(path, ids, context):
        if first.pk in ids:
            raise ValueError("no such choice")
        return made(path, ids, context)

    monkeypatch.setattr(packing, "_write", broken)
    make_packages(kettle)

    with working_in(kettle):
        states = PrivacyRequest.objects.order_by("pk").values_list("package_state", flat=True)
        assert list(states) == ["failed", "ready"]
    assert len(files(settings)) == 1


def test_files_that_no_request_names_are_swept(kettle, settings):
    with working_in(kettle):
        open_request("access", make_contact("A"), way="own_page", by=None, identity="signed_link")
    make_packages(kettle)
    [named] = files(settings)
    stray = named.with_name("stray.json")
    stray.write_text("of one who was stopped")
    with time_machine.travel(timezone.now() + timedelta(hours=7)):
        forget_packages(kettle)
    assert files(settings) == [named]


def test_who_was_merged_since_they_asked_is_answered_as_the_whole_person(kettle, ada):
    with working_in(kettle):
        asked, other = make_contact("Xanthippe", "x@tea.example"), make_contact("X. Korinth", "k@tea.example")
        give_consent(other, topic=letter())
        access = open_request("access", asked, way="own_page", by=None, identity="signed_link")
        stop = open_request("object", asked, way="own_page", by=None, identity="signed_link")
        merge_contacts(other.pk, asked.pk, by=ada)
    make_packages(kettle)
    with working_in(kettle):
        answer(stop, by=ada)
        assert is_suppressed("k@tea.example")
        access.refresh_from_db()
        assert dict(access.package_counts)[10] >= 2  # both records


# --- Two people ------------------------------------------------------------------------------------------------------


def test_who_agreed_first_goes_on_alone_once_there_is_nobody_else(kettle, ada, member):
    with working_in(kettle):
        who = make_contact("Xanthippe")
    member("admin")
    with working_in(kettle):
        request = open_request("erase", who, way="phone", by=ada, identity="called_back")
        assert not agree_to_erase(request, by=ada)
        with pytest.raises(NotSecondError):
            agree_to_erase(request, by=ada)
        Membership.objects.filter(workspace=kettle).exclude(user=ada).delete()
        assert agree_to_erase(request, by=ada)


# --- Backups ---------------------------------------------------------------------------------------------------------


def remembered(kettle, *contact_ids) -> None:
    """As the file says after these were erased just now, as one person."""
    erasures_file().parent.mkdir(parents=True, exist_ok=True)
    with erasures_file().open("a") as file:
        said = {"workspace": kettle.pk, "contacts": contact_ids, "at": now().isoformat()}
        file.write(json.dumps(said) + "\n")


def test_who_got_the_number_of_an_erased_one_after_a_restore_is_somebody_else(kettle):
    with working_in(kettle):
        innocent = make_contact("Bo", "bo@tea.example")
        remembered(kettle, innocent.pk)
        Contact.objects.filter(pk=innocent.pk).update(created_at=now() + timedelta(seconds=5))

    assert replay_erasures() == 0
    with working_in(kettle):
        assert Contact.objects.get().name == "Bo"
        assert not is_suppressed("bo@tea.example")


def test_who_was_parted_before_the_erasure_stays_when_the_backup_has_them_merged(kettle, ada):
    with working_in(kettle):
        who, other = make_contact("Xanthippe", "x@tea.example"), make_contact("Bo", "bo@tea.example")
        record = merge_contacts(who.pk, other.pk, by=ada)
        remembered(kettle, who.pk)

    assert replay_erasures() == 1
    with working_in(kettle):
        assert list(Contact.objects.filter(erased_at=None).values_list("name", flat=True)) == ["Bo"]
        assert is_suppressed("x@tea.example")
        assert not is_suppressed("bo@tea.example")
        assert not undo_merge(record, by=ada) or Contact.objects.get(pk=other.pk).name == "Bo"


def test_a_line_that_a_crash_cut_short_hides_no_other(kettle, ada, django_capture_on_commit_callbacks):
    with working_in(kettle):
        first, second = make_contact("A"), make_contact("B")
        remembered(kettle, first.pk)
        with erasures_file().open("a") as file:
            file.write('{"workspace": 1, "conta')
        with django_capture_on_commit_callbacks(execute=True):
            erase_person(second.pk, by=ada)
        Contact.objects.filter(pk=second.pk).update(erased_at=None)

    assert replay_erasures() == 2


def test_who_was_erased_may_come_back_by_their_own_word(kettle, ada):
    with working_in(kettle):
        erase_person(make_contact("Xanthippe", "x@tea.example").pk, by=ada)
        again = make_contact("Xanthippe", "x@tea.example")
        assert is_suppressed("x@tea.example")

        give_consent(again, topic=letter(), page="https://kettle.example/form")

        assert not is_suppressed("x@tea.example")
    erase_what_came(kettle)
    with working_in(kettle):
        assert not is_suppressed("x@tea.example")
        assert Suppression.objects.filter(channel=Channel.EMAIL, reason="erased", lifted_at=None).count() == 0
