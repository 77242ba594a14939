"""The privacy desk: what is asked, the clock, who it is, the answer; on its page and by its verbs."""

import re
from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from consent.asking import Ask
from consent.consenting import give_consent, withdraw_all
from consent.gate import verdict
from consent.suppressing import is_suppressed
from contacts.channels import sendable
from contacts.merging import link_contacts
from contacts.models import Contact
from engagement.models import Score
from privacy.asking import (
    NoReasonError,
    NotCheckedError,
    NotOpenError,
    answer,
    assign,
    check_identity,
    extend,
    open_request,
    refuse,
)
from privacy.erasing import agree_to_erase
from privacy.listing import clock_of, open_count, year_so_far
from privacy.models import PrivacyRequest
from privacy.packing import make_packages
from privacy.terms import due_date
from tests.factories.contacts import letter, make_contact
from touchpoints.facts import Fact
from touchpoints.recording import record
from touchpoints.sources import source_for
from workspaces.current import working_in
from workspaces.models import AuditEntry

DESK = "/w/kettle/contacts/privacy/"
Kind = PrivacyRequest.Kind


@pytest.fixture(autouse=True)
def own_var(settings, tmp_path):
    settings.VAR_DIR, settings.MEDIA_ROOT = tmp_path / "var", tmp_path / "media"


@pytest.mark.parametrize(
    ("received", "months", "due"),
    [
        pytest.param(datetime(2026, 1, 31, 12, tzinfo=UTC), 1, date(2026, 2, 28), id="a short month"),
        pytest.param(datetime(2028, 1, 31, 12, tzinfo=UTC), 1, date(2028, 2, 29), id="a leap year"),
        pytest.param(datetime(2026, 12, 15, 12, tzinfo=UTC), 1, date(2027, 1, 15), id="over the year"),
        pytest.param(datetime(2026, 11, 30, 12, tzinfo=UTC), 3, date(2027, 2, 28), id="two months more"),
        pytest.param(datetime(2026, 3, 31, 23, 30, tzinfo=UTC), 1, date(2026, 5, 1), id="already the next day there"),
    ],
)
def test_the_term_is_a_month_where_the_workspace_is(received, months, due):
    assert due_date(received, "Europe/Berlin", months=months) == due


@given(st.dates(date(1971, 1, 1), date(2199, 1, 1)), st.integers(1, 3))
def test_a_term_is_never_shorter_than_the_law_says(day, months):
    received = datetime.combine(day, time(12), UTC)
    days = (due_date(received, "UTC", months=months) - received.date()).days
    assert 28 * months <= days <= 31 * months


def test_a_request_waits_with_its_clock_and_is_one_however_often_it_is_asked(inside, ada):
    greta, short = make_contact(), make_contact()
    link_contacts(short.pk, greta.pk)
    first = open_request(
        Kind.CORRECT, short, way="email", by=ada, details="Grete", received_at=timezone.now() - timedelta(days=27)
    )
    again = open_request(Kind.CORRECT, greta, way="phone", by=ada, details="with an e")

    assert first.pk == again.pk
    assert (again.contact_id, again.details) == (greta.pk, "Grete\n\nwith an e")
    clock = clock_of(again)
    assert (clock.gone, clock.is_near, clock.is_late) == (27, True, False)
    assert sum(days for _fill, days, _words in clock.parts) == clock.total
    assert open_count() == 1
    other = open_request(Kind.OBJECT, greta, way="phone", by=ada)
    assert other.pk != first.pk


def test_nothing_is_handed_over_before_it_is_known_who_asks(inside, ada):
    request = open_request(Kind.ACCESS, None, way="shop", by=ada, who="Somebody with a beard")
    assert request.package_state == ""
    with pytest.raises(NotCheckedError):
        answer(request, by=ada)
    with pytest.raises(NotCheckedError):
        check_identity(request, "document", by=ada)
    check_identity(request, "document", by=ada, contact=make_contact())
    assert PrivacyRequest.objects.get().package_state == "wanted"
    answer(request, by=ada, note="by post")
    with pytest.raises(NotOpenError):
        answer(request, by=ada)
    assert year_so_far() == {"count": 1, "days": 0, "late": 0, "kinds": [("Access", 1)]}
    assert [step["what"] for step in PrivacyRequest.objects.get().steps] == ["asked", "checked", "answered"]
    assert [row.details for row in AuditEntry.objects.filter(action="privacy.answered")] == [{}]


@pytest.mark.parametrize(("kind", "is_blocked"), [(Kind.OBJECT, False), (Kind.RESTRICT, True)])
def test_who_objects_is_written_to_and_scored_no_more(inside, ada, kind, is_blocked):
    greta = make_contact()
    give_consent(greta, topic=letter(), wording="Yes")
    ask = Ask(message_class="subscribed", topic_id=letter().pk)
    assert verdict(ask, greta).allowed
    request = open_request(kind, greta, way="letter", by=ada, identity="document")

    answer(request, by=ada)

    greta = Contact.objects.get(pk=greta.pk)
    assert not verdict(ask, greta).allowed
    assert not greta.is_profiled
    codes = {reason.code for reason in verdict(ask, greta).reasons if not reason.passed}
    assert ("blocked" in codes) == is_blocked
    assert is_suppressed(greta.email)


def test_more_time_and_a_refusal_need_a_reason(inside, ada):
    request = open_request(Kind.CORRECT, make_contact(), way="email", by=ada, identity="from_address")
    first = request.due_on
    for act in (extend, refuse):
        with pytest.raises(NoReasonError):
            act(request, "  ", by=ada)
    extend(request, "Many files", by=ada)
    assign(request, ada.pk, by=ada)
    request = PrivacyRequest.objects.get()
    assert request.due_on > first + timedelta(days=50)
    refuse(request, "Asked for the tenth time this week", by=ada)
    assert open_count() == 0


def test_the_desk_from_a_request_by_hand_to_the_erasure(as_ada, kettle):
    with working_in(kettle):
        make_contact("Greta Lindqvist", "greta@tea.example")
    assert "Nothing is asked" in as_ada.get(DESK).text
    assert as_ada.post(f"{DESK}new/", {"kind": "erase", "who": ""}).status_code == 422
    far = {"kind": "erase", "who": "x", "way": "email", "received_on": "2999-01-01"}
    assert as_ada.post(f"{DESK}new/", far).status_code == 422

    page = as_ada.post(
        f"{DESK}new/",
        {"kind": "erase", "who": "Greta@TEA.example", "way": "email", "details": "Away with it"},
        follow=True,
    )
    with working_in(kettle):
        [request] = PrivacyRequest.objects.all()
    act = f"{DESK}{request.pk}"
    assert "Greta Lindqvist" in page.text
    assert "Away with it" in page.text
    assert "first make sure that it is them" in as_ada.post(f"{act}/erase/", follow=True).text
    assert "Identity checked" in as_ada.post(f"{act}/check/", {"how": "from_address"}, follow=True).text
    assert "Nothing was changed" in as_ada.post(f"{act}/check/", {"how": "magic"}, follow=True).text
    assert "Erase now" in as_ada.get(f"{DESK}?request={request.pk}").text
    page = as_ada.post(f"{act}/erase/", follow=True)
    assert "Erased. What stays is without a name." in page.text
    assert "answered already" in as_ada.post(f"{act}/erase/", follow=True).text
    assert "no name any more" in as_ada.get(f"{DESK}?answered=1").text
    with working_in(kettle):
        assert Contact.objects.get().name == ""
    assert as_ada.post(f"{act}/dance/").status_code == 404
    assert as_ada.get(f"{DESK}?request=99999999999999999999").status_code == 200


def test_a_package_is_read_by_who_answers_it_and_that_is_written_down(as_ada, kettle):
    with working_in(kettle):
        request = open_request(Kind.ACCESS, make_contact("Greta"), way="own_page", by=None, identity="signed_link")
    assert as_ada.get(f"{DESK}{request.pk}/package/").status_code == 404
    assert "is being made" in as_ada.get(f"{DESK}?request={request.pk}").text
    make_packages(kettle)

    assert "The package is ready" in as_ada.get(f"{DESK}?request={request.pk}").text
    assert b"".join(as_ada.get(f"{DESK}{request.pk}/package/").streaming_content).startswith(b"PK")
    with working_in(kettle):
        assert AuditEntry.objects.filter(action="privacy.package_read").count() == 1


@pytest.mark.parametrize("role", ["marketer", "community", "analyst", "colleague"])
def test_the_desk_is_for_those_who_answer_for_it(member, kettle, role):
    with working_in(kettle):
        request = open_request(Kind.ACCESS, make_contact("Greta"), way="phone", by=None)
    browser = member(role)
    for path in ("", "new/", f"{request.pk}/package/"):
        assert browser.get(f"{DESK}{path}").status_code == 403
    assert browser.post(f"{DESK}{request.pk}/refuse/", {"why": "x"}).status_code == 403
    assert "Privacy desk" not in browser.get("/w/kettle/contacts/").text


def test_the_contact_page_leads_to_the_desk(as_ada, kettle):
    with working_in(kettle):
        greta = make_contact("Greta Lindqvist", "greta@tea.example")
    assert f"?of={greta.pk}&amp;kind=access" in as_ada.get(f"/w/kettle/contacts/{greta.pk}/").text
    page = as_ada.get(f"{DESK}new/?of={greta.pk}&kind=access").text
    assert 'value="greta@tea.example"' in page
    as_ada.post(f"{DESK}new/?of={greta.pk}&kind=access", {"kind": "access", "who": greta.email, "way": "phone"})
    with working_in(kettle):
        assert PrivacyRequest.objects.get().contact_id == greta.pk


def test_who_proves_later_that_it_is_them_has_proven_it_of_the_same_request(inside, ada):
    greta = make_contact()
    open_request(Kind.ACCESS, greta, way="phone", by=ada)
    again = open_request(Kind.ACCESS, greta, way="own_page", by=None, identity="signed_link")

    assert (again.identity, again.package_state) == ("signed_link", "wanted")
    assert PrivacyRequest.objects.count() == 1
    assert [step["what"] for step in again.steps] == ["asked", "checked"]
    steps = len(open_request(Kind.ACCESS, greta, way="own_page", by=None, identity="signed_link").steps)
    assert steps == 2


@pytest.mark.parametrize("state", ["failed", "gone"])
def test_a_package_that_is_not_there_is_made_when_it_is_asked_for_again(inside, ada, state):
    greta = make_contact()
    request = open_request(Kind.ACCESS, greta, way="own_page", by=None, identity="signed_link")
    PrivacyRequest.objects.filter(pk=request.pk).update(package_state=state)

    assert open_request(Kind.ACCESS, greta, way="own_page", by=None, identity="signed_link").package_state == "wanted"


def test_words_do_not_grow_for_ever(inside):
    greta = make_contact()
    for number in range(9):
        open_request(
            Kind.CORRECT, greta, way="own_page", by=None, details=f"{number} " + "x" * 4_000, identity="signed_link"
        )

    assert len(PrivacyRequest.objects.get().details) <= 10_000


def test_what_many_entries_are_is_not_read_to_the_end(as_ada, kettle, monkeypatch):
    monkeypatch.setattr("privacy.views.MOST_COUNTED", 1)
    with working_in(kettle):
        greta = make_contact("Greta", "greta@tea.example", custom={"a": "1", "b": "2"})
        open_request(Kind.ERASE, greta, way="email", by=None)
    assert re.search(r"Who they are</th>\s*<td class=\"number\">1\+</td>", as_ada.get(DESK).text)


def test_of_who_objects_no_score_stays_though_they_had_said_no_to_all_before(inside, ada):
    greta = make_contact()
    for channel in sendable():
        withdraw_all([greta.pk], topic=None, channel=channel)
    record([Fact("message", "m-1", timezone.now(), contact_id=greta.pk)], source=source_for("walk", "Walk"))
    assert Score.objects.filter(contact=greta).exclude(interaction_short=0).exists()

    answer(open_request(Kind.OBJECT, greta, way="letter", by=ada, identity="document"), by=ada)

    assert not Score.objects.filter(contact=greta).exclude(interaction_short=0).exists()


def test_what_came_too_late_is_counted_as_late(inside, ada):
    for days, due in ((3, 30), (40, 10)):
        request = open_request(Kind.CORRECT, make_contact(), way="email", by=ada, identity="document")
        moment = timezone.now() - timedelta(days=days)
        PrivacyRequest.objects.filter(pk=request.pk).update(
            received_at=moment, due_on=(moment + timedelta(days=due)).date()
        )
        answer(PrivacyRequest.objects.get(pk=request.pk), by=ada)

    year = year_so_far()
    assert (year["count"], year["late"], year["days"]) == (2, 1, 22)


@pytest.mark.parametrize(("language", "subject"), [("de-AT", "Auskunft"), ("fi", "Access"), ("", "Access")])
def test_the_person_hears_once_in_their_language_that_it_was_taken_in(
    inside, ada, mailoutbox, django_capture_on_commit_callbacks, language, subject
):
    greta = make_contact("Greta", "greta@tea.example", language=language)
    with django_capture_on_commit_callbacks(execute=True):
        request = open_request(Kind.ACCESS, greta, way="phone", by=ada)
        open_request(Kind.ACCESS, greta, way="email", by=ada)
        open_request(Kind.ACCESS, None, way="letter", by=ada, who="Somebody")
        open_request(Kind.ACCESS, make_contact("Without", ""), way="letter", by=ada)

    [letter_to_her] = mailoutbox
    assert letter_to_her.to == ["greta@tea.example"]
    assert subject in letter_to_her.subject
    assert str(request.due_on.year) in letter_to_her.body


@pytest.mark.parametrize(("language", "subject"), [("de-AT", "hat gelöscht"), ("fr", "has erased")])
def test_whoever_is_erased_hears_so_at_the_address_that_is_forgotten(
    inside, ada, mailoutbox, django_capture_on_commit_callbacks, language, subject
):
    greta = make_contact("Greta", "greta@tea.example", language=language)
    joined = make_contact("G. Lind", "lind@tea.example")
    link_contacts(joined.pk, greta.pk)
    request = open_request(Kind.ERASE, greta, way="phone", by=ada, identity="called_back")
    nobody = open_request(Kind.ERASE, make_contact("Without", ""), way="phone", by=ada, identity="called_back")
    with django_capture_on_commit_callbacks(execute=True):
        assert agree_to_erase(request, by=ada)
        assert agree_to_erase(nobody, by=ada)

    [told] = mailoutbox
    assert told.to == ["greta@tea.example"]
    assert subject in told.subject
    assert "Greta" not in told.body


def test_a_server_that_takes_no_mail_takes_in_the_request_all_the_same(
    inside, ada, settings, django_capture_on_commit_callbacks
):
    settings.MAILERS = {
        "default": {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {"host": "127.0.0.1", "port": 9},
        }
    }
    with django_capture_on_commit_callbacks(execute=True):
        open_request(Kind.ACCESS, make_contact(), way="phone", by=ada)
    assert PrivacyRequest.objects.count() == 1
