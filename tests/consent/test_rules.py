"""Topics, hours and caps: what the workspace sets is what the gate asks."""

import re
from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.asking import Ask
from consent.consenting import give_all, give_consent, withdraw_consent
from consent.gate import verdict
from consent.models import Consent, ConsentNow, ContactHours, Topic
from consent.rules import (
    EVERY_DAY,
    Hours,
    TopicInUseError,
    add_hours,
    add_topic,
    cap_offers,
    edit_topic,
    may_be_called_from,
    remove_hours,
    remove_topic,
)
from consent.settling import settle_words
from consent.steps.quiet import night_ends
from contacts.models import Identity
from delivery.models import Delivery
from lib import clock
from tests.factories.campaigns import make_message
from tests.factories.contacts import letter, make_contact
from workspaces.current import working_in
from workspaces.models import AuditEntry

PAGE = "/w/kettle/contacts/rules/"
BERLIN = "Europe/Berlin"
WEEKDAYS = 0b0011111
FIRST, LAST = (datetime(year, 1, 1, tzinfo=UTC).replace(tzinfo=None) for year in (2020, 2030))


def row(opens=8, closes=20, *, country="", days=EVERY_DAY, since=date(2020, 1, 1)):
    """A row of the table, as the database would give it."""
    return SimpleNamespace(country=country, opens=time(opens), closes=time(closes), days=days, valid_from=since)


def opens(rows, moment, country="", zone=BERLIN):
    found = Hours(rows).opens_at(country, zone, datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo(zone)))
    return found and found.strftime("%a %H:%M")


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-06-05T12:00", None),
        ("2026-06-05T13:30", "Fri 14:00"),
        ("2026-06-05T20:00", "Mon 10:00"),
        ("2026-06-07T11:00", "Mon 10:00"),
    ],
)
def test_spans_of_one_day_hold_together_and_a_weekend_is_waited_for(moment, expected):
    rows = [row(10, 13, days=WEEKDAYS), row(14, 20, days=WEEKDAYS)]
    assert opens(rows, moment) == expected


def test_a_country_goes_before_all_others_and_a_later_law_before_an_earlier_one():
    rows = [row(9, 17), row(8, 21, country="US"), row(11, 12, country="US", since=date(2026, 7, 1))]
    assert opens(rows, "2026-06-05T20:30", "US") is None
    assert opens(rows, "2026-06-05T20:30", "DE") == "Sat 09:00"
    assert opens(rows, "2026-07-02T10:00", "US") == "Thu 11:00"
    assert opens(rows, "2026-06-30T22:00", "US") == "Wed 11:00"  # the morning is of the new law
    assert opens([row(since=date(2027, 1, 1), opens=0, closes=23)], "2026-06-05T23:00") == "Sat 08:00"


def test_where_no_day_is_open_it_is_asked_again_in_two_weeks():
    days = row(8, 9, days=1)
    days.days = 0
    assert opens([days], "2026-06-05T12:00") == "Fri 12:00"


@given(
    st.datetimes(FIRST, LAST),
    st.lists(
        st.builds(
            row,
            st.integers(0, 11),
            st.integers(12, 23),
            days=st.integers(1, EVERY_DAY),
            country=st.sampled_from(["", "FR"]),
            since=st.sampled_from([date(2019, 1, 1), date(2025, 1, 1)]),
        ),
        max_size=4,
    ),
    st.sampled_from(["FR", "DE", ""]),
)
def test_what_is_opened_is_open_and_nothing_before_it_is(naive, rows, country):
    at, table = naive.replace(tzinfo=UTC), Hours(rows)
    found = table.opens_at(country, "UTC", at)
    if found is None:
        day = [one for one in table.spans(country, at.date()) if one.is_on(at.date())]
        assert any(one.opens <= at.time() < one.closes for one in day)
    elif found < at + timedelta(days=14):
        assert found > at
        assert table.opens_at(country, "UTC", found) is None
        assert table.opens_at(country, "UTC", found - timedelta(minutes=1)) == found


@given(
    st.datetimes(FIRST, LAST, timezones=st.just(UTC)),
    st.sampled_from([BERLIN, "America/Lima", ""]),
)
def test_without_a_row_it_is_the_usual_night(at, zone):
    assert night_ends(zone, "UTC", at) == Hours([]).opens_at("", zone or "UTC", at)


def test_the_gate_goes_by_the_table(inside, ada, monkeypatch):
    greta = make_contact(country="FR", zone="Europe/Paris")
    give_consent(greta, topic=letter(), wording="Yes")
    ask = Ask(message_class="marketing", topic_id=letter().pk)
    monday = datetime(2026, 6, 1, 7, 0, tzinfo=UTC)  # nine in Paris
    for module in ("consent.gate", "consent.rules"):
        monkeypatch.setattr(f"{module}.now", lambda: monday)
    assert verdict(ask, greta).allowed

    added = add_hours(
        by=ada,
        **{
            name: getattr(row(10, 12, country="FR"), name)
            for name in ("country", "opens", "closes", "days", "valid_from")
        },
    )
    held = verdict(ask, greta)
    assert held.reason == "quiet"
    assert held.is_hold
    assert held.first_failure.ends_at == datetime(2026, 6, 1, 10, tzinfo=ZoneInfo("Europe/Paris"))
    assert verdict(ask, make_contact(country="DE", zone="Europe/Paris")).reason != "quiet"
    remove_hours(added, by=ada)
    assert verdict(ask, greta).allowed
    assert set(AuditEntry.objects.values_list("action", flat=True)) >= {"rules.hours_added", "rules.hours_removed"}


def test_calls_have_hours_of_their_own_and_a_new_workspace_knows_some(inside, monkeypatch):
    sunday = datetime(2026, 6, 7, 10, 0, tzinfo=UTC)
    monkeypatch.setattr("consent.rules.now", lambda: sunday)
    assert may_be_called_from(make_contact(country="FR", zone="Europe/Paris")).strftime("%a %H:%M") == "Mon 10:00"
    assert may_be_called_from(make_contact(country="DE", zone=BERLIN)) is None
    assert all(ContactHours.objects.values_list("source", flat=True))


def test_caps_are_what_the_workspace_says(inside, ada, monkeypatch):
    noon = clock.now().replace(hour=10)
    monkeypatch.setattr("consent.gate.now", lambda: noon)
    greta = make_contact(zone="UTC")
    give_consent(greta, topic=letter(), wording="Yes")
    ask = Ask(message_class="marketing", topic_id=letter().pk)
    sent = make_message()
    type(sent).objects.filter(pk=sent.pk).update(purpose="marketing")
    Delivery.objects.create(
        message=sent, contact=greta, state=Delivery.State.SENT, sent_at=clock.now() - timedelta(hours=1)
    )
    assert verdict(ask, greta).reason == "cap"
    cap_offers(a_week=5, a_day=2, by=ada)
    assert verdict(ask, greta).allowed
    cap_offers(a_week=1, a_day=2, by=ada)
    assert verdict(ask, greta).reason == "cap"
    cap_offers(a_week=0, a_day=0, by=ada)
    assert verdict(ask, make_contact()).reason != ""


def test_topics_come_change_and_go_while_nobody_spoke_of_them(inside, ada):
    tastings, again, odd = (add_topic(name=name, by=ada) for name in ("Tastings", "Tastings", "茶"))
    assert [one.key for one in (tastings, again, odd)] == ["tastings", "tastings-2", "topic"]
    assert tastings.position < again.position
    edit_topic(tastings, name="Evenings", promise="Tea at night", by=ada)
    assert Topic.objects.get(key="tastings").name == "Evenings"
    remove_topic(again, by=ada)
    give_consent(make_contact(), topic=tastings, wording="Yes")
    with pytest.raises(TopicInUseError):
        remove_topic(tastings, by=ada)
    make_message(topic=odd)
    with pytest.raises(TopicInUseError):
        remove_topic(odd, by=ada)
    assert not Topic.objects.filter(key="tastings-2").exists()


@pytest.mark.parametrize(
    ("given", "ends"), [("2026-01-31", "2026-02-28"), ("2024-01-31", "2024-02-29"), ("2025-12-31", "2026-01-31")]
)
def test_a_yes_ends_after_the_months_of_its_topic(inside, ada, given, ends):
    topic = add_topic(name="Offers", basis="soft_opt_in", months=1, by=ada)
    moment = datetime.fromisoformat(given).replace(tzinfo=UTC)
    alone, old, new = make_contact(), make_contact(), make_contact()

    row = give_consent(alone, topic=topic, at=moment)
    give_all([(old.pk, moment, None)], topic=topic, wording="Yes")
    give_all([(new.pk, moment, None)], topic=topic, wording="Yes", are_new=True)

    assert row.basis == "soft_opt_in"
    assert {f"{one.expires_at:%Y-%m-%d}" for one in Consent.objects.all()} == {ends}
    assert {f"{one.expires_at:%Y-%m-%d}" for one in ConsentNow.objects.all()} == {ends}
    assert settle_words([alone.pk, old.pk, new.pk]) == 0


def test_a_yes_far_ahead_stays_within_what_can_be_kept(inside, ada):
    topic, far = add_topic(name="Offers", months=120, by=ada), datetime(2199, 12, 31, tzinfo=UTC)

    row = give_consent(make_contact(), topic=topic, at=far)
    give_all([(make_contact().pk, far, None)], topic=topic)

    assert {one.expires_at for one in Consent.objects.all()} == {row.expires_at}
    assert row.expires_at.year == 2200


def test_a_yes_that_has_ended_can_be_given_anew_by_hand_and_by_who_says_when(inside, ada):
    topic = add_topic(name="Offers", months=1, by=ada)
    long_ago = clock.now() - timedelta(days=400)
    by_hand, by_file, refused = make_contact(), make_contact(), make_contact()
    for one in (by_hand, by_file, refused):
        give_consent(one, topic=topic, at=long_ago)
    withdraw_consent(refused, topic=topic)
    ask = Ask(message_class="subscribed", topic_id=topic.pk)
    assert verdict(ask, by_hand).reason == "no_consent"

    give_consent(by_hand, topic=topic)
    yesterday = clock.now() - timedelta(days=1)
    for moment in (None, long_ago):
        assert give_all([(by_file.pk, moment, None)], topic=topic) == set()  # nobody knows that they said it again
    assert give_all([(by_file.pk, yesterday, None), (refused.pk, yesterday, None)], topic=topic) == {by_file.pk}

    words = {one.contact_id: one for one in ConsentNow.objects.filter(topic=topic)}
    assert words[by_hand.pk].expires_at > clock.now()
    assert words[by_file.pk].expires_at > clock.now()
    assert words[refused.pk].state == Consent.State.WITHDRAWN


def test_other_months_leave_what_stands(inside, ada):
    topic, greta = add_topic(name="Offers", by=ada), make_contact()
    give_consent(greta, topic=topic)
    edit_topic(topic, months=3, by=ada)
    assert ConsentNow.objects.get(contact=greta).expires_at is None
    assert give_consent(make_contact(), topic=topic).expires_at is not None


def test_the_page_sets_it_all(as_ada, kettle):
    assert "47 CFR" in as_ada.get(PAGE).text
    as_ada.post(f"{PAGE}topics/", {"name": "Tastings", "promise": "Once a month"})
    with working_in(kettle):
        topic = Topic.objects.get(key="tastings")
    assert "Other words for “Tastings”" in as_ada.get(f"{PAGE}?topic={topic.pk}").text
    as_ada.post(f"{PAGE}topics/{topic.pk}/", {"name": "Evenings", "promise": ""})
    assert "Evenings" in as_ada.get(PAGE).text
    as_ada.post(f"{PAGE}topics/{topic.pk}/", {"name": "Evenings", "basis": "contract", "months": "36"})
    assert "after 36 months" in as_ada.get(PAGE).text
    for wrong in ({"name": ""}, {"months": "0"}, {"months": "121"}, {"months": "x"}, {"basis": "because"}):
        assert as_ada.post(f"{PAGE}topics/{topic.pk}/", {"name": "Evenings"} | wrong).status_code == 422
    as_ada.post(f"{PAGE}topics/{topic.pk}/remove/")
    assert "Evenings" not in as_ada.get(PAGE).text
    as_ada.post(f"{PAGE}caps/", {"a_week": 7, "a_day": 2})
    assert 'value="7"' in as_ada.get(PAGE).text
    assert as_ada.post(f"{PAGE}caps/", {"a_week": -1, "a_day": "x"}).status_code == 422
    hours = {
        "is_calling": "1",
        "country": "AT",
        "opens": "09:00",
        "closes": "18:00",
        "days": ["0", "4"],
        "valid_from": "2026-01-01",
    }
    as_ada.post(f"{PAGE}hours/", hours)
    with working_in(kettle):
        [added] = ContactHours.objects.filter(country="AT")
    assert (added.is_calling, added.days) == (True, 0b10001)
    for wrong in ({"closes": "08:00"}, {"days": []}, {"country": "XX"}, {"valid_from": "31.31.2026"}, {"days": ["9"]}):
        assert as_ada.post(f"{PAGE}hours/", hours | wrong).status_code == 422
    as_ada.post(f"{PAGE}hours/{added.pk}/remove/")
    with working_in(kettle):
        assert not ContactHours.objects.filter(country="AT").exists()


@pytest.mark.parametrize("role", ["marketer", "community", "analyst", "colleague"])
def test_only_who_sets_things_sets_them(member, kettle, role):
    browser = member(role)
    assert browser.get(PAGE).status_code == 403
    assert browser.post(f"{PAGE}caps/", {"a_week": 99, "a_day": 9}).status_code == 403


def test_the_contact_page_says_when_to_call(as_ada, kettle):
    with working_in(kettle):
        greta = make_contact("Greta", country="DE", zone="Europe/Berlin")
        assert "may be called" not in as_ada.get(f"/w/kettle/contacts/{greta.pk}/").text
    with working_in(kettle):
        Identity.objects.create(contact=greta, kind=Identity.Kind.PHONE, value="+4930123456")
        add_hours(
            by=None,
            is_calling=True,
            country="DE",
            opens=time(0),
            closes=time(23, 59, 59),
            days=EVERY_DAY,
            valid_from=date(2020, 1, 1),
        )
    assert "It is an hour at which they may be called." in as_ada.get(f"/w/kettle/contacts/{greta.pk}/").text


def test_who_said_yes_is_counted_once_and_while_it_holds(as_ada, kettle):
    with working_in(kettle):
        both, ended = make_contact(), make_contact()
        for channel in (1, 4):
            give_consent(both, topic=letter(), channel=channel)
        give_consent(ended, topic=letter(), expires_at=clock.now() - timedelta(days=1))
    row = as_ada.get(PAGE).text.partition(">Newsletter</a>")[2].partition("</tr>")[0]
    assert re.search(r'class="number">(\d+)<', row)[1] == "1"
