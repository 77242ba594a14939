"""The page of an email says what somebody gets in a block that chooses, and why, and how it falls for everybody."""

import pytest

from emails.blocks.picks import PicksBlock
from emails.models import LibraryItem
from emails.reading import read_blocks
from engagement.interests.reading import tag_for
from engagement.interests.strength import left_now
from engagement.models import Interest, InterestDay
from lib.clock import now
from tests.factories.campaigns import make_sender
from tests.factories.contacts import make_reader
from tests.factories.library import make_item, make_picks_campaign
from touchpoints.kinds import KINDS
from workspaces.current import working_in

FORM = {"heading": "For you", "count": "2", "kinds": ["video", "offer"], "layout": "list", "space": "16"}


@pytest.fixture
def campaign(kettle):
    with working_in(kettle):
        make_item("Thing A", days=1)
        tea = tag_for("Oolong")
        make_item("Thing B", days=2, tags=[tea.pk])
        reader = make_reader("Greta Lind")
        make_reader("Ole Brandt")
        Interest.objects.create(contact=reader, tag=tea, sum=5 / left_now())
        InterestDay.objects.create(
            contact=reader, tag=tea, kind=KINDS["clicked"].code, day=now().date(), count=2, added=0
        )
        found = make_picks_campaign(make_sender())
        found.reader = reader
        return found


def test_it_says_what_she_gets_and_why_and_how_many_get_the_newest(as_ada, campaign):
    where = f"/w/kettle/campaigns/{campaign.pk}/email/"

    hers = as_ada.get(f"{where}picks/b1/?as={campaign.reader.pk}").text
    nobodys = as_ada.get(f"{where}picks/b1/?as=0").text

    assert "What Greta Lind gets, and why" in hers
    assert hers.index("Thing B") < hers.index("Thing A")
    assert "Clicked 2 things about Oolong" in hers
    assert nobodys.index("Thing A") < nobodys.index("Thing B")
    words = " ".join(hers.split())
    assert "<dt>By their interests</dt> <dd>1</dd> <dt>No interest yet: the newest</dt> <dd>1</dd>" in words
    assert "<dt>Fewer than wanted are left</dt> <dd>2</dd>" in words
    assert as_ada.get(f"{where}picks/bgone/").status_code == 204


def test_its_form_says_what_it_chooses_from(as_ada, campaign, kettle):
    where = f"/w/kettle/campaigns/{campaign.pk}/email/"
    page = as_ada.get(f"{where}?block=b1").text

    as_ada.post(where, FORM | {"do": "save:b1"})

    assert "picks/b1/" in page
    assert "Article · 2" in page
    with working_in(kettle):
        campaign.message.content.refresh_from_db()
        (block,) = read_blocks(campaign.message.content.blocks)
    assert block == PicksBlock(id="b1", heading="For you", count=2, kinds=("video", "offer"), layout="list")


def test_the_preview_shows_what_she_gets(as_ada, campaign):
    preview = f"/w/kettle/campaigns/{campaign.pk}/email/preview/"

    hers, text = (as_ada.get(f"{preview}?as={campaign.reader.pk}{more}").text for more in ("", "&text=1"))

    assert hers.index("Thing B") < hers.index("Thing A")
    assert "Thing B: https://kettle.example/" in text


def test_twelve_mail_clients_show_it_in_both_layouts(as_ada, campaign, kettle):
    where = f"/w/kettle/campaigns/{campaign.pk}/email/"
    columns = as_ada.get(f"{where}holds/").text
    as_ada.post(where, FORM | {"do": "save:b1", "kinds": []})

    for said in (columns, as_ada.get(f"{where}holds/").text):
        assert "<b>0</b> break" in " ".join(said.split()) or "0 break" in " ".join(said.split())
    with working_in(kettle):
        assert LibraryItem.objects.count() == 2
