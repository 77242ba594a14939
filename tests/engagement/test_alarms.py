"""Out of rhythm: home says what has fallen silent or runs away, to whom it concerns, in their language, until it is over."""

from datetime import timedelta

import pytest
from django.utils import timezone

from consent.models import SignUp
from conversations.models import Connection, Mention
from delivery.transactional.templates import approve_template, retire_template, write_template
from engagement.alarms import FIGURE, count_alarms
from lib.rooms import house
from tests.days import today_in
from tests.factories.campaigns import make_sender
from tests.factories.sign_up_forms import make_form, published
from tests.factories.social import make_mention
from touchpoints.kinds import KINDS
from touchpoints.models import DayCount
from workspaces.current import current_workspace, working_in
from workspaces.kept_figures import keep_figures
from workspaces.models import KeptFigure, User

HOME = "/w/kettle/"


def fill(kind: str, each_day: int, *, until: int, today: int = 0, message=None, days: int = 50):
    """Counts of the days before today, up to `until` days ago."""
    day = today_in(current_workspace())
    rows = [(ago, each_day) for ago in range(until, days)] + ([(0, today)] if today else [])
    DayCount.objects.bulk_create(
        DayCount(
            day=day - timedelta(days=ago), channel=1, kind=KINDS[kind].code, message_id=message, direction=0, slot=0, count=count
        )
        for ago, count in rows
    )  # fmt: skip


def seen(client, workspace) -> str:
    """Home, once what it shows was counted in the background."""
    client.get(HOME)
    keep_figures(workspace)
    return client.get(HOME).text


def test_as_usual_there_is_nothing_to_see(as_ada, kettle):
    with working_in(kettle):
        fill("page", 40, until=1)
        fill("purchase", 5, until=1, today=6)

    page = seen(as_ada, kettle)

    assert "Out of rhythm" not in page
    with working_in(kettle):
        assert KeptFigure.objects.get(name=FIGURE).data == []


def test_a_snippet_that_is_gone_and_a_shop_that_runs_away(as_ada, kettle):
    with working_in(kettle):
        fill("page", 1_200, until=4)
        fill("purchase", 20, until=1, today=400)

    page = seen(as_ada, kettle)

    silent = today_in(kettle) - timedelta(days=3)
    assert "Visits of your site" in page
    assert f"Nothing since {silent:%A}, {silent.day} {silent:%B}, where 1,200 a day are usual." in page
    assert "400 today, where 20 a day are usual." in page


def test_in_german(as_ada, kettle):
    with working_in(kettle):
        fill("page", 40, until=4)
    seen(as_ada, kettle)
    User.objects.update(locale="de")

    assert "am Tag üblich sind" in as_ada.get(HOME).text


def test_a_form_until_it_is_archived(as_ada, kettle, ada):
    with working_in(kettle):
        form = make_form("Fair stand")
        version = published(form)
        SignUp.objects.bulk_create(
            SignUp(form=form, version=version, state=SignUp.State.FORGOTTEN, asked_at=timezone.now() - timedelta(days=ago))
            for ago in range(5, 50)
            for _ in range(6)
        )  # fmt: skip

    assert "Fair stand" in seen(as_ada, kettle)
    with working_in(kettle):
        type(form).objects.filter(pk=form.pk).update(archived_at=timezone.now())
    assert "Fair stand" not in as_ada.get(HOME).text  # at once, and not only when it is counted again


def test_a_connection_that_brings_nothing_any_more(as_ada, kettle, member):
    with working_in(kettle):
        one = make_mention("hello")
        first = one.connection
        for ago in range(6, 50):
            for number in range(3):
                one.pk, one.remote_id = None, f"{ago}-{number}"
                one.received_at = timezone.now() - timedelta(days=ago)
                one.save(force_insert=True)
        Mention.objects.filter(received_at__gt=timezone.now() - timedelta(days=1)).delete()
        name = Connection.objects.get(pk=first.pk).name

    assert name in seen(as_ada, kettle).partition("Out of rhythm")[2].partition("</section>")[0]
    with working_in(kettle):
        Connection.objects.update(is_active=False)
        assert count_alarms(0) == []


def test_a_template_counts_over_its_versions_until_it_is_switched_off(as_ada, kettle, ada):
    words = {"subject": "Order", "body": "Thanks", "body_format": "markdown"}
    with working_in(kettle):
        template = write_template(None, name="Receipt", sender=make_sender(), example={}, by=ada, **words)
        first, second = (approve_template(template, by=ada) for _ in range(2))
        fill("sent", 30, until=20, message=first.message_id)
        fill("sent", 30, until=3, days=20, message=second.message_id)
        fill("sent", 5_000, until=3, message=987_654)  # a campaign is no template

    assert "Receipt" in seen(as_ada, kettle)
    with working_in(kettle):
        assert [one["usual"] for one in count_alarms(0)] == [30.0]
        retire_template(template, by=ada)
    assert "Receipt" not in as_ada.get(HOME).text


def test_only_who_may_see_it_and_nobody_elsewhere(as_ada, kettle, rival, member, as_eve):
    with working_in(kettle):
        fill("page", 40, until=4)

    assert "Visits of your site" in seen(as_ada, kettle)
    assert "Visits of your site" not in member("analyst").get(HOME).text  # who cannot see keys cannot mend it
    with working_in(rival):
        assert count_alarms(0) == []


def test_each_rhythm_costs_one_or_two_statements_for_one_and_for_fifty(kettle, django_assert_max_num_queries):
    with working_in(kettle):
        fill("page", 40, until=4)
        house.rhythms  # noqa: B018 - worked out once
        with django_assert_max_num_queries(2 * len(house.rhythms)):
            count_alarms(0)


@pytest.mark.parametrize("data", [[{"rhythm": "gone.with.its.room", "which": 1}], []])
def test_what_was_kept_by_an_older_version_breaks_nothing(as_ada, kettle, data):
    as_ada.get(HOME)
    with working_in(kettle):
        KeptFigure.objects.filter(name=FIGURE).update(data=data, at=timezone.now())
    assert as_ada.get(HOME).status_code == 200
