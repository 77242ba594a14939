"""List quality: each figure counts whom its list shows; many figures are one statement."""

from datetime import timedelta

import pytest
from django.utils import timezone

from consent.consenting import give_consent, withdraw_consent
from contacts.models import DuplicatePair, Identity
from delivery.models import Delivery
from delivery.quality import by_provider
from engagement.models import Score
from lib.rooms import house
from segments import quality as quality_module
from segments.quality import quality, quality_now
from tests.factories.campaigns import make_message
from tests.factories.contacts import letter, make_contact
from workspaces.current import working_in
from workspaces.kept_figures import keep_figures

LIST = "/w/kettle/contacts/"
LONG_AGO = timezone.now() - timedelta(days=800)


def consented():
    give_consent(make_contact("Ann", "ann@tea.example"), topic=letter(), wording="Yes")


def unasked():
    one = make_contact("Ann", "ann@tea.example")
    give_consent(one, topic=letter(), wording="Yes")
    withdraw_consent(one, topic=letter())


def unreachable():
    make_contact("Ann", "")


def old_consent():
    one = make_contact("Ann", "ann@tea.example")
    give_consent(one, topic=letter(), wording="Yes", at=LONG_AGO)


def bounced():
    one = make_contact("Ann", "ann@tea.example")
    Delivery.objects.create(message=make_message(), contact=one, state=Delivery.State.SENT, bounced_at=timezone.now())


def functions():
    make_contact("Ann", "info@tea.example")


def disposable():
    make_contact("Ann", "ann@mailinator.com")


def twice():
    one, other = make_contact("Ann", "ann@tea.example"), make_contact("Bea", "")
    Identity.objects.create(contact=other, kind=Identity.Kind.PHONE, value="+4930123456")
    DuplicatePair.objects.create(left=one, right=other, score_milli=700, evidence=[])


def never():
    make_contact("Ann", "ann@tea.example", created_at=LONG_AGO)


def quiet():
    one = make_contact("Ann", "ann@tea.example", created_at=LONG_AGO)
    Score.objects.create(contact=one, version=1, touched_at=LONG_AGO)


WHO = [consented, unasked, unreachable, old_consent, bounced, functions, disposable, twice, never, quiet]


def test_every_figure_has_a_case():
    assert {one.__name__ for one in WHO} == house.quality_figures.keys()


@pytest.mark.parametrize("case", WHO, ids=lambda case: case.__name__)
def test_a_figure_counts_whom_its_list_shows(kettle, as_ada, case):
    name = case.__name__
    with working_in(kettle):
        before = quality_now()[name]
        case()
        counts = quality_now()
    assert before == 0
    assert counts[name] == (2 if name == "twice" else 1)

    page = as_ada.get(f"{LIST}?quality={name}").text
    assert ">Ann<" in page
    if counts[""] > counts[name]:
        assert f"{counts['']} people" not in page
    assert f"?quality={name}" in as_ada.get(f"{LIST}quality/").text


def test_who_is_well_is_in_no_bad_figure(inside):
    one = make_contact("Ann", "ann@tea.example", created_at=LONG_AGO)
    give_consent(one, topic=letter(), wording="Yes")
    Score.objects.create(contact=one, version=1, touched_at=timezone.now())

    assert {name for name, count in quality_now().items() if count} == {"", "consented"}


def test_all_figures_are_one_statement(inside, django_assert_num_queries):
    with django_assert_num_queries(1):
        quality_now()


def test_a_big_workspace_keeps_them(kettle, as_ada, monkeypatch):
    monkeypatch.setattr(quality_module, "COUNT_UP_TO", 0)
    with working_in(kettle):
        consented()
        assert quality() is None
    assert "counted for the first time" in as_ada.get(f"{LIST}quality/").text
    keep_figures(kettle)
    with working_in(kettle):
        found = quality()
        assert found.counted_at is not None
        assert found.total == 1
    assert "Counted at" in as_ada.get(f"{LIST}quality/").text


def test_nobody_and_nonsense(as_ada, kettle):
    assert "Nobody is here yet" in as_ada.get(f"{LIST}quality/").text
    assert as_ada.get(f"{LIST}?quality=nonsense").status_code == 200


def test_providers_are_told_with_the_span_before(inside):
    message, moment = make_message(), timezone.now()
    for number, (host, days, came_back) in enumerate(
        [
            ("a.example", 1, False),
            ("a.example", 2, True),
            ("a.example", 40, True),
            ("b.example", 3, False),
            ("c.example", 99, 0),
        ]
    ):
        at = moment - timedelta(days=days)
        Delivery.objects.create(
            message=message,
            contact=make_contact(),
            address=f"p{number}@{host}",
            state=Delivery.State.SENT,
            sent_at=at,
            bounced_at=at if came_back else None,
        )

    rows = [
        (row["provider"], row["sent"], row["bounced"], row["sent_before"], row["bounced_before"])
        for row in by_provider()
    ]
    assert rows == [("a.example", 2, 1, 1, 1), ("b.example", 1, 0, 0, 0)]
