"""Campaigns, programmes and senders in a browser: clean, wide and narrow, light and dark."""

import os
from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.models import Campaign
from campaigns.objectives import set_objective
from contacts.models import Audience
from delivery.models import Delivery, Message, Sender, TrackedLink
from tests.factories.campaigns import make_campaign, make_programme, make_sender
from tests.factories.contacts import make_contact, make_reader
from workspaces.current import working_in

pytestmark = pytest.mark.django_db(transaction=True)
C = "/w/kettle/campaigns/"


@pytest.fixture
def rooms(kettle) -> dict[str, str]:
    """A draft, a campaign that is being sent, and where their pages are."""
    kettle.postal_address = "Kettle & Co, Tea Street 1, 89073 Ulm"
    kettle.save()
    with working_in(kettle):
        sender = make_sender()
        Sender.objects.update(tested_at=timezone.now())
        programme = make_programme(asks="We learn what to pack", audience=Audience.CUSTOMER)
        set_objective(programme, metric="purchases", target=30, check_on=None)
        people = [make_reader(f"Reader {n}") for n in range(40)] + [make_contact("Nina Never")]
        draft = make_campaign(sender, programme=programme, segment=None, intended_at=timezone.now() + timedelta(days=2))
        live = make_campaign(sender, programme=programme, name="Advent, early list")
        fill(live, people)
    pages = {"list": C, "draft": f"{C}{draft.pk}/", "edit": f"{C}{draft.pk}/edit/", "live": f"{C}{live.pk}/"}
    pages |= {"look_up": f"{C}{live.pk}/look-up/?q=Nina", "doubts": f"{C}{live.pk}/doubts/", "senders": f"{C}senders/"}
    pages |= {
        "sender": f"{C}senders/new/",
        "programmes": "/w/kettle/programmes/",
        "new": f"{C}new/all/",
        "name": f"{C}new/",
        "calendar": f"{C}calendar/",
    }
    pages |= {"programme": f"/w/kettle/programmes/{programme.pk}/", "begin": "/w/kettle/programmes/new/?preset=launch"}
    return pages


def fill(campaign: Campaign, people: list) -> None:
    """What a campaign looks like in the middle of its sending."""
    now = timezone.now()
    State = Delivery.State  # noqa: N806
    ends = [(State.SENT, "")] * 24 + [(State.EXCLUDED, "holdout")] * 6 + [(State.EXCLUDED, "cap")] * 3
    ends += [(State.IN_DOUBT, "killed"), (State.FAILED, "refused"), (State.DEFERRED, "quiet")]
    for number, (person, (state, reason)) in enumerate(zip(people, ends, strict=False)):
        sent_at = now - timedelta(seconds=8 * number) if state == State.SENT else None
        Delivery.objects.create(
            message=campaign.message, contact=person, address=person.email, state=state, reason=reason, sent_at=sent_at,
            opened_at=now if number < 10 else None, machine_opened_at=now if 10 <= number < 16 else None,
            clicked_at=now if number < 4 else None,
        )  # fmt: skip
    TrackedLink.objects.create(
        message_id=campaign.message_id, number=1, url="https://kettle.example/box", label="spring box"
    )
    Message.objects.filter(pk=campaign.message_id).update(
        state="sending", planned_at=now - timedelta(hours=1), planned_count=41, held_count=6, purpose="marketing",
        holdouts=[[f"campaign-{campaign.pk}", 1500]],
    )  # fmt: skip


@pytest.mark.parametrize(("width", "theme"), [(1440, "dark"), (390, "light")])
def test_the_pages_are_clean(page_at, axe_clean, rooms, kettle, problems, width, theme):
    page = page_at(width, theme)
    for name, path in rooms.items():
        page.goto(path)
        axe_clean(page)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name
        if os.environ.get("ECRM_SHOTS"):
            page.screenshot(path=f"{os.environ['ECRM_SHOTS']}/{name}-{width}-{theme}.png", full_page=True)

    assert problems == []


def test_the_preview_shows_what_is_not_saved_yet(page_at, rooms, kettle, problems):
    page = page_at(1440, path=rooms["edit"])

    page.fill("#id_body", "# Something else")
    page.get_by_role("button", name="Refresh").click()

    page.frame_locator("iframe[name=letter]").get_by_role("heading", name="Something else").wait_for()
    assert problems == []
