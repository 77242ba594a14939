"""What home and the engagement page say, whole: people to care for, trends, levels, channels, who came back, moves."""

from datetime import UTC, date, datetime, timedelta

import pytest

from contacts.merging import link_contacts
from contacts.models import Contact
from engagement import dashboards
from engagement.dashboards import (
    Care,
    channels_both_ways,
    four_over_time,
    levels_by_audience,
    movement,
    people_to_care_for,
    risers_and_fallers,
    who_came_back,
)
from engagement.models import Annotation, AudienceSnapshot, Fall, LevelMove, Score
from engagement.panels import card_panel, head_panel, scores_panel
from tests.engagement.world import NOON, happen, person
from touchpoints.correcting import Change, Field, correct
from touchpoints.models import DayCount

TODAY = date(2026, 3, 18)


def scored(name: str, level: int, *roles: int, **fields) -> int:
    who = person(name, *roles, **fields)
    Score.objects.create(contact_id=who, level=level)
    return who


def falls(who: int, **ahead: float) -> None:
    Fall.objects.create(contact_id=who, due_at=NOON + timedelta(**ahead))


def moved(who: int, before: int, after: int, **ago: float) -> LevelMove:
    return LevelMove.objects.create(contact_id=who, before=before, after=after, at=NOON - timedelta(**ago))


def test_who_needs_care_why_and_in_which_order(here):
    calm = scored("Calm", 5)
    old_anger = scored("Old anger", 2, 1, 5, complaint_since=NOON - timedelta(days=9))
    anger = person("", email="anger@example.org", complaint_since=NOON - timedelta(days=2))
    adored = scored("Adored", 6, 1, complaint_since=NOON)
    falling, sooner, later = scored("Falling", 5), scored("Sooner", 6, 3), scored("Later", 6)
    falls(falling, days=1)
    falls(sooner, days=2)
    falls(later, days=14)
    riser = scored("Riser", 5)
    moved(riser, 4, 5, days=6.9)
    moved(riser, 3, 4, days=6.95)
    moved(anger, 4, 6, days=1)  # the complaint comes first
    for who, ahead in ((scored("Too late", 6), 14.01), (scored("Past", 6), -0.01), (scored("Not good", 4), 1)):
        falls(who, days=ahead)
    falls(person("Unscored"), days=1)
    moved(scored("Rose long ago", 5), 4, 5, days=7)
    moved(scored("Fell", 5), 6, 5, days=1)
    moved(scored("Rose to engaged", 4), 3, 4, days=1)
    erased = scored("Erased", 5, complaint_since=NOON)
    Contact.objects.filter(pk=erased).update(erased_at=NOON)
    visitor = scored("", 5)
    Contact.objects.filter(pk=visitor).update(name="")
    moved(visitor, 4, 5, hours=1)

    care, count = people_to_care_for(limit=20)

    paused = "Open complaint since {}. Offers are paused until it is resolved."
    assert care == [
        Care(adored, "Adored", "Customer", 6, -1, paused.format("18 March"), "today", True),
        Care(old_anger, "Old anger", "Customer, Critic", 2, -1, paused.format("9 March"), "today", True),
        Care(anger, care[2].name, "No role yet", 0, -1, paused.format("16 March"), "today", True),
        Care(sooner, "Sooner", "Influencer", 6, -1, "Falls to loyal on 20 March, if nothing happens.", "20 Mar", False),
        Care(later, "Later", "No role yet", 6, -1, "Falls to loyal on 1 April, if nothing happens.", "1 Apr", False),
        Care(
            falling, "Falling", "No role yet", 5, -1, "Falls to engaged on 19 March, if nothing happens.", "today", True
        ),
        Care(
            riser,
            "Riser",
            "No role yet",
            5,
            1,
            "Became loyal on 11 March. Nobody has said thank you yet.",
            "today",
            True,
        ),
        Care(
            visitor,
            "Visitor",
            "No role yet",
            5,
            1,
            "Became loyal on 18 March. Nobody has said thank you yet.",
            "25 Mar",
            False,
        ),
    ]
    assert count == 8
    some, whole = people_to_care_for(limit=2)
    assert ([one.contact_id for one in some], whole) == ([adored, old_anger], 8)
    assert len(people_to_care_for()[0]) == 6
    assert calm not in {one.contact_id for one in care}


def test_nobody_needs_care(here):
    assert people_to_care_for() == ([], 0)


def snapshot(back: int, role: int = 0, people: int = 5, **four: float) -> None:
    values = {"involvement": 1, "interaction": 2.4, "intimacy": -3.6, "influence": 4, **four}
    AudienceSnapshot.objects.create(
        day=TODAY - timedelta(days=back), role=role, people=people, levels=[0] * 6, **values
    )


def test_the_four_by_week_with_the_words_that_stand_on_them(here):
    for back, value in ((0, 21.5), (3, 99), (7, 20.4), (14, 10), (28, 5), (29, 99), (35, 99)):
        snapshot(back, people=back + 1, involvement=value)
    snapshot(0, role=1, people=33)
    for name, begins, ends in (("Flight", 14, 7), ("One day", 28, 28), ("Between", 6, 1), ("Long", 90, 0)):
        Annotation.objects.create(
            name=name, starts_on=TODAY - timedelta(days=begins), ends_on=TODAY - timedelta(days=ends)
        )

    found = four_over_time(4)

    weeks = ["18 Feb", "4 Mar", "11 Mar", "18 Mar"]
    assert (found["people"], found["high"]) == (1, 40)
    assert [chart["kind"] for chart in found["charts"]] == ["involvement", "interaction", "intimacy", "influence"]
    assert found["charts"][0] == {
        "kind": "involvement", "say": "reading and visiting", "series": list(zip(weeks, (5, 10, 20, 22), strict=True)),
    }  # fmt: skip
    assert [value for _week, value in found["charts"][2]["series"]] == [-4] * 4
    assert found["annotations"] == [("Long", 0, 3), ("One day", 0, 0), ("Flight", 1, 2)]
    assert (four_over_time(4, role=1)["charts"], four_over_time(4, role=1)["people"]) == ([], 33)
    assert four_over_time(4, role=2) == {"people": 0, "high": 20, "charts": [], "annotations": []}


@pytest.mark.parametrize(
    ("values", "high"), [({}, 20), ({"influence": 20}, 20), ({"influence": 20.1}, 40), ({"intimacy": -61}, 80)]
)
def test_the_scale_of_the_charts_is_the_next_twenty(here, values, high):
    snapshot(0, **values)

    assert four_over_time(12)["high"] == high


def test_the_newest_standing_is_shown_whatever_its_weekday(here):
    for back in (2, 4, 7):
        snapshot(back, people=back)

    found = four_over_time(12)

    assert (found["people"], [week for week, _value in found["charts"][0]["series"]]) == (2, ["11 Mar", "16 Mar"])


def test_the_levels_of_each_audience_and_who_moved_in_four_weeks(here):
    a, b, c = scored("A", 6, 1), scored("B", 6, 1, 3), scored("C", 1, 1)
    scored("D", 0, 3)
    person("E", 1)
    from contacts.models import AudienceRole

    AudienceRole.objects.create(contact_id=c, role=2, until=NOON)
    moved(a, 5, 6, days=28)
    moved(a, 6, 5, days=28.01)
    moved(b, 4, 5, days=3)
    moved(b, 5, 6, days=2)
    moved(b, 6, 5, days=1)
    moved(c, 2, 1, days=1)

    assert levels_by_audience() == [
        {"name": "Customer", "role": 1, "people": 3, "up": 3, "down": 2,
         "parts": [("level-1", 1, "Dormant: 1"), ("level-6", 2, "Champion: 2")]},
        {"name": "Prospect", "role": 2, "people": 0, "parts": [], "up": 0, "down": 0},
        {"name": "Influencer", "role": 3, "people": 1, "parts": [("level-6", 1, "Champion: 1")], "up": 2, "down": 1},
        {"name": "Employee", "role": 4, "people": 0, "parts": [], "up": 0, "down": 0},
        {"name": "Critic", "role": 5, "people": 0, "parts": [], "up": 0, "down": 0},
    ]  # fmt: skip
    assert movement() == (3, 2)
    up, down = risers_and_fallers()
    assert [(m["contact"].pk, m["before"], m["after"], m["at"]) for m in up] == [
        (b, 5, 6, NOON - timedelta(days=2)), (a, 5, 6, NOON - timedelta(days=28)), (b, 4, 5, NOON - timedelta(days=3)),
    ]  # fmt: skip
    assert [(m["contact"].pk, m["before"], m["after"]) for m in down] == [(b, 6, 5), (c, 2, 1)]
    assert [[m["before"] for m in side] for side in risers_and_fallers(1)] == [[5], [6]]
    Contact.objects.filter(pk=b).update(erased_at=NOON)
    assert [[m["contact"].pk for m in side] for side in risers_and_fallers()] == [[a], [c]]
    for n in range(9):
        moved(a, 1, 2, minutes=n)
    assert len(risers_and_fallers()[0]) == 8


def test_channels_both_ways_are_added_up_by_family(here):
    def count(days_ago: int, channel: int, direction: int, n: int, slot: int = 0) -> None:
        day = TODAY - timedelta(days=days_ago)
        DayCount.objects.create(day=day, channel=channel, kind=99, direction=direction, slot=slot, count=n)

    for days_ago, channel, direction, n, slot in [
        (0, 1, 1, 30, 0), (27, 1, 1, 10, 1), (28, 1, 1, 1000, 0), (1, 1, 0, 5, 0), (1, 2, 0, 6, 0), (1, 5, 0, 7, 0),
        (1, 3, 0, 1, 0), (1, 8, 0, 2, 0), (1, 9, 1, 4, 0), (1, 6, 1, 3, 0), (1, 7, 0, 8, 0), (1, 10, 0, 9, 0), (1, 4, 1, 2, 0),
    ]:  # fmt: skip
        count(days_ago, channel, direction, n, slot)

    found = channels_both_ways()

    assert [(str(row["name"]), row["colour"], row["theirs"], row["ours"]) for row in found["rows"]] == [
        ("Email", "channel-mail", 5, 40), ("Web and ads", "channel-web", 13, 0), ("Social and reviews", "channel-social", 3, 4),
        ("Mobile", "channel-mobile", 0, 2), ("Call and chat", "channel-talk", 8, 3), ("Shop, TV, print", "channel-place", 9, 0),
    ]  # fmt: skip
    assert (found["whole"], found["ratio"]) == (40, 49 / 38)
    assert found["rows"][0]["icon"] == "mail"


def test_channels_on_which_nothing_happened(here):
    found = channels_both_ways()

    assert (found["whole"], found["ratio"]) == (1, None)
    DayCount.objects.create(day=TODAY, channel=1, kind=1, direction=1, slot=0, count=3)
    assert channels_both_ways()["ratio"] is None


def buy(who: int, *months: str) -> list:
    ids = []
    for month in months:
        moment = (
            datetime.fromisoformat(month).replace(tzinfo=UTC)
            if len(month) > 7
            else datetime.fromisoformat(f"{month}-15T12:00Z")
        )
        ids += happen(who, "purchase", (NOON - moment) / timedelta(days=1)).ids
    return ids


def test_who_came_back_month_by_month(here):
    a, b, c, d, alias, refunded = (person() for _n in range(6))
    buy(a, "2025-10", "2025-11", "2025-11", "2026-02")
    buy(b, "2025-10", "2026-03")
    buy(c, "2025-10-31T23:30:00")  # November in Berlin
    buy(d, "2025-07", "2025-10", "2026-02")  # a first purchase before the chart
    buy(alias, "2025-12")
    link_contacts(alias, a)
    buy(person(), "2026-03")
    correct([Change(id_, Field.DELETED, 1) for id_ in buy(refunded, "2025-10")])
    happen(person(), "visit", 40)

    assert who_came_back(months=5) == [("October", 2, [50, 50, 0, 50, None]), ("November", 1, [0, 0, 0, None, None])]
    assert [row[0] for row in who_came_back(months=2)] == []
    assert who_came_back(months=3) == [("November", 1, [0, 0, 0])]
    assert who_came_back()[0] == ("October", 2, [50, 50, 0, 50, None, None])


def test_a_year_later_is_twelve_months_later(here):
    who = person()
    buy(who, "2024-12", "2025-01", "2025-12")

    assert who_came_back(months=16) == [("December", 1, [100, *[0] * 10, 100, 0, 0, None, None])]


def test_the_head_of_a_person_tells_level_worth_and_where_it_goes(here):
    who, alias = person("Greta"), person("Alias")
    contact = Contact.objects.get(pk=who)
    happen(who, "purchase", 3, value_minor=5000)
    happen(who, "purchase", 3, value_minor=2550)
    happen(who, "refund", 2, value_minor=1050)
    happen(who, "visit", 2, value_minor=99)
    happen(alias, "purchase", 1, value_minor=100)
    link_contacts(alias, who)
    Score.objects.filter(contact_id=who).update(level=4, week_overall=12.5)
    Fall.objects.create(contact_id=who, due_at=NOON + timedelta(days=3))

    head = head_panel(None, contact)

    assert (head["worth"], head["orders"], head["week"], head["next_level"]) == (66.0, 3, 12.5, "warm")
    assert (head["fall"].due_at, str(head["stance"]), head["contact"]) == (NOON + timedelta(days=3), "Mixed", contact)
    assert head["currency"] == here.currency
    assert head_panel(None, Contact.objects.get(pk=alias))["shown"] == head["shown"]
    Fall.objects.filter(contact_id=who).update(due_at=NOON)
    Score.objects.filter(contact_id=who).update(level=1)
    assert (head_panel(None, contact)["fall"], head_panel(None, contact)["next_level"]) == (None, "dormant")
    Fall.objects.filter(contact_id=who).update(due_at=NOON + timedelta(days=3))
    assert head_panel(None, contact)["fall"] is not None
    Score.objects.filter(contact_id=who).update(level=0)
    assert head_panel(None, contact)["fall"] is None


def test_of_a_person_without_scores_the_panels_say_so(here):
    contact = Contact.objects.get(pk=person("New"))

    head = head_panel(None, contact)

    assert (head["shown"], head["week"], head["fall"], head["next_level"], head["stance"]) == (
        None,
        None,
        None,
        "",
        "Unknown",
    )
    assert (head["worth"], head["orders"]) == (0, 0)
    assert card_panel(None, contact) is None
    four = scores_panel(None, contact)
    assert (four["known"], four["is_profiled"]) == (False, True)
    assert [(one["kind"], one["value"], one["why"], one["foot"]) for one in four["four"]] == [
        (name, None, [], "") for name in ("involvement", "interaction", "intimacy", "influence")
    ]


def test_scores_are_told_with_what_they_are_made_of(here):
    who = person("Greta")
    contact = Contact.objects.get(pk=who)
    happen(who, "visit", 0, times=4)
    happen(who, "message", 0, sentiment_milli=-1000)
    happen(who, "complaint", 0, times=1)
    for kind in ("screen", "page", "ad_click", "opened", "clicked", "event_visit"):
        happen(who, kind, 0)

    involvement, _interaction, intimacy, influence = scores_panel(None, contact)["four"]

    assert len(involvement["why"]) == 6
    assert [name for name, _points in involvement["why"]][:3] == ["1 × event attended", "4 × visit", "1 × link clicked"]
    assert intimacy["why"] == [("1 × complaint", "−49"), ("1 × message", "−33")]
    assert intimacy["value"] == pytest.approx(-100 * (1 - 2 ** (-5 * 0.5 ** (13 / 24 / 30) / 2)))
    assert intimacy["foot"] == "Halves every 30 or 180 days; about -41 in 30 days with nothing new."
    assert (influence["value"], influence["why"], influence["foot"]) == (0, [], "")
    card = card_panel(None, contact)
    assert (card["stance"], card["scores"]["intimacy"]) == ("against", pytest.approx(intimacy["value"]))
    assert list(card["scores"]) == ["involvement", "interaction", "intimacy", "influence"]


def test_periods_of_home_are_a_month_a_quarter_and_a_year():
    assert {weeks: str(words) for weeks, words in dashboards.PERIODS.items()} == {
        4: "4 weeks",
        12: "12 weeks",
        52: "Year",
    }
