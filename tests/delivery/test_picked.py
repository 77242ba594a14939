"""A block that chooses for each reader: never the same twice, the same again when it is tried again, nothing when nothing
is left; a worker that is killed has shown nothing.
"""

import re
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.checking.looking import check_campaign
from campaigns.planning import plan_due
from delivery.engine.claiming import claim_chunk
from delivery.engine.controlling import cancel
from delivery.engine.sending import send_due
from delivery.models import Delivery, RecipientChunk, TrackedLink
from delivery.test_sends import write_sample
from delivery.tracking.taking import take_clicks
from emails.models import LibraryItem, ShownItem
from engagement.interests.keeping import merge_tags, remove_tag
from engagement.interests.reading import interest_names, tag_for
from engagement.interests.strength import left_now
from engagement.models import Interest, LinkTag
from engagement.models.interests import Said
from lib.clock import now
from tests.factories.campaigns import again, make_campaign, planned, started
from tests.factories.contacts import make_reader
from tests.factories.library import make_item, make_picks_campaign

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
pytestmark = pytest.mark.django_db


def letter_of(room, number=-1):
    return message_from_bytes(room.letters[number][2], policy=policy.default)


def words_of(room, number=-1) -> str:
    return letter_of(room, number).get_body(("plain",)).get_content()


def titles_in(words: str) -> list[str]:
    return re.findall(r"^(Thing [A-Z])\b", words, re.MULTILINE)


def things(count: int, **facts) -> list[LibraryItem]:
    """Thing A is the newest."""
    return [make_item(f"Thing {chr(65 + n)}", days=n + 1, **facts) for n in range(count)]


def test_three_go_out_the_newest_first_as_links_that_are_counted(inside, sender, room, send):
    items, reader = things(4), make_reader()

    campaign = send(make_picks_campaign(sender))

    html = letter_of(room).get_body(("html",)).get_content()
    assert titles_in(words_of(room)) == ["Thing A", "Thing B", "Thing C"]
    assert "For you" in html
    assert "kettle.example/things" not in html
    links = TrackedLink.objects.filter(message=campaign.message).order_by("number")
    assert list(links.values_list("number", "url", "label")) == [
        (1_000 + place, one.url, one.title) for place, one in enumerate(items[:3])
    ]
    shown = ShownItem.objects.filter(contact=reader).exclude(sent_at=None).order_by("place")
    assert [one.item_id for one in shown] == [one.pk for one in items[:3]]


def test_nobody_gets_the_same_twice_and_fewer_when_fewer_are_left(inside, sender, room, send):
    things(4)
    make_reader()

    for _ in range(3):
        send(make_picks_campaign(sender))

    assert [titles_in(words_of(room, n)) for n in range(3)] == [["Thing A", "Thing B", "Thing C"], ["Thing D"], []]
    last = letter_of(room).get_body(("html",)).get_content()
    assert "For you" not in last
    assert "For you" not in words_of(room)


def test_what_is_over_archived_or_yet_to_come_is_not_shown(inside, sender, room, send):
    moment = now()
    things(1)
    make_item("Thing X", expires_at=moment - timedelta(hours=1))
    make_item("Thing Y", is_active=False)
    make_item("Thing Z", days=-1)
    make_item("Thing W", kind="webinar", starts_at=moment - timedelta(minutes=1))
    make_reader()

    send(make_picks_campaign(sender))

    assert titles_in(words_of(room)) == ["Thing A"]


@pytest.mark.parametrize("adds_utm", [False, True])
def test_what_she_opened_from_another_email_is_not_shown(inside, sender, room, send, adds_utm):
    items, reader = things(4), make_reader()
    card = {"kind": "card", "name": "Read", "link_text": "Read", "href": items[0].url}
    first = send(make_picks_campaign(sender, others=[card], kinds=["video"], adds_utm=adds_utm))
    at = (now() + timedelta(minutes=5)).isoformat()
    click = {"message": first.message_id, "contact": reader.pk, "at": at, "agent": FIREFOX, "head": False, "link": 1}
    take_clicks(inside, [click])

    send(make_picks_campaign(sender))

    assert titles_in(words_of(room)) == ["Thing B", "Thing C", "Thing D"]


def test_things_in_her_language_come_first_and_others_fill_up(inside, sender, room, send):
    make_item("Thing A", days=1, language="en")
    make_item("Thing B", days=2, language="de")
    make_item("Thing C", days=3)
    make_reader(language="de-AT")

    send(make_picks_campaign(sender))

    assert titles_in(words_of(room)) == ["Thing B", "Thing C", "Thing A"]


def test_two_blocks_of_one_email_show_nothing_twice(inside, sender, room, send):
    things(5)
    make_reader()

    send(make_picks_campaign(sender, others=[{"kind": "picks", "heading": "And", "layout": "list"}]))

    assert titles_in(words_of(room)) == ["Thing A", "Thing B", "Thing C", "Thing D", "Thing E"]


def test_a_block_that_she_does_not_see_takes_nothing_from_her(inside, sender, room, send):
    things(3)
    make_reader()
    unseen = {"leaf": "tag", "tag": "nobody"}

    send(make_picks_campaign(sender, when={"all": [unseen]}))

    assert titles_in(words_of(room)) == []
    assert not ShownItem.objects.exists()


def test_a_second_try_shows_the_same_whatever_came_in_between(inside, sender, room, send):
    things(3)
    reader = make_reader()
    room.refuse_data = {reader.email: "452 4.2.2 Full"}
    campaign = send(make_picks_campaign(sender))
    room.refuse_data = {}
    make_item("Thing N", days=0)
    past = now() - timedelta(seconds=1)
    Delivery.objects.update(not_before=past)
    RecipientChunk.objects.filter(is_done=False).update(not_before=past)

    send_due(inside)

    assert titles_in(words_of(room)) == ["Thing A", "Thing B", "Thing C"]
    sample = write_sample(again(campaign).message, inside, reader)
    assert titles_in(sample.text) == ["Thing A", "Thing B", "Thing C"]
    assert ShownItem.objects.exclude(sent_at=None).count() == 3


def test_who_was_claimed_by_a_worker_that_died_has_been_shown_nothing(inside, sender, room, send):
    things(3)
    make_reader()
    dead = planned(make_picks_campaign(sender))

    lease = claim_chunk(inside)
    lease.journal.close(forget=True)
    cancel(dead.message, by=None)
    ShownItem.objects.update(picked_at=now() - timedelta(hours=2))
    send(make_picks_campaign(sender))

    assert titles_in(words_of(room)) == ["Thing A", "Thing B", "Thing C"]


def test_two_messages_on_their_way_at_once_do_not_show_the_same(inside, sender):
    things(4)
    make_reader()
    for _ in range(2):
        started(make_picks_campaign(sender))
    plan_due(inside)

    leases = [claim_chunk(inside), claim_chunk(inside)]

    shown = [[one["title"] for one in lease.recipients[0].fields["picks"]["b1"]] for lease in leases]
    assert shown == [["Thing A", "Thing B", "Thing C"], ["Thing D"]]


def test_a_claim_asks_as_often_for_fifty_as_for_one_and_nothing_without_the_block(inside, sender, send):
    things(5)

    def claimed(people, campaign):
        for _ in range(people):
            make_reader()
        planned(campaign)
        with CaptureQueriesContext(connection) as asked:
            assert claim_chunk(inside) is not None
        RecipientChunk.objects.update(is_done=True)
        return asked.captured_queries

    first = len(claimed(1, make_picks_campaign(sender)))
    make_item("Thing N", days=0)
    many = len(claimed(49, make_picks_campaign(sender)))
    without = claimed(0, make_campaign(sender))

    assert first == many
    assert not [one for one in without if "emails_" in one["sql"]]


def test_preflight_and_a_look_choose_and_keep_nothing(inside, sender):
    things(3)
    reader = make_reader()
    campaign = make_picks_campaign(sender)

    sample = write_sample(campaign.message, inside, reader)
    nobody = write_sample(campaign.message, inside, None)
    found = check_campaign(again(campaign), inside)

    assert titles_in(sample.text) == titles_in(nobody.text) == ["Thing A", "Thing B", "Thing C"]
    assert not [one for one in (*found.blocks, *found.warns) if "postal address" not in one and "same" not in one]
    assert not ShownItem.objects.exists()


def test_the_plain_text_reads_as_lines_with_their_addresses(inside, sender):
    make_item("Thing A", days=1, teaser="Slow water")
    campaign = make_picks_campaign(sender)

    text = write_sample(campaign.message, inside, None).text.replace("\r\n", "\n")

    assert f"For you\n\nArticle\n\nThing A: {LibraryItem.objects.get().url}\n\nSlow water" in text


def test_who_said_no_to_a_tag_gets_nothing_about_it(inside, sender, room, send):
    tea, reader = tag_for("Oolong"), make_reader()
    make_item("Thing A", days=1, tags=[tea.pk])
    make_item("Thing B", days=2)
    Interest.objects.create(contact=reader, tag=tea, said=Said.NOT_WANTED)

    send(make_picks_campaign(sender))

    assert titles_in(words_of(room)) == ["Thing B"]


def test_interest_decides_and_a_click_on_a_thing_says_what_it_is_about(inside, sender, room, send):
    tea, cups = tag_for("Oolong"), tag_for("Cups")
    make_item("Thing A", days=1, tags=[cups.pk])
    make_item("Thing B", days=2)
    make_item("Thing C", days=3, tags=[tea.pk])
    reader = make_reader()
    Interest.objects.create(contact=reader, tag=tea, sum=5 / left_now())

    campaign = send(make_picks_campaign(sender, count=2))

    assert titles_in(words_of(room)) == ["Thing C", "Thing A"]
    links = dict(TrackedLink.objects.filter(message=campaign.message).values_list("label", "number"))
    assert set(LinkTag.objects.filter(message_id=campaign.message_id).values_list("number", "tag")) == {
        (links["Thing C"], tea.pk),
        (links["Thing A"], cups.pk),
    }


def test_a_thing_whose_tag_was_removed_goes_out_and_is_about_the_others(inside, sender, room, send):
    tea, cups = tag_for("Oolong"), tag_for("Cups")
    item = make_item("Thing A", days=1, tags=[tea.pk, cups.pk])
    make_reader()

    remove_tag(tea, by=None)
    campaign = send(make_picks_campaign(sender))

    assert titles_in(words_of(room)) == ["Thing A"]
    assert list(LinkTag.objects.filter(message_id=campaign.message_id).values_list("tag", flat=True)) == [cups.pk]
    assert list(LibraryItem.objects.filter(pk=item.pk).values_list("tags", flat=True)) == [[cups.pk]]


def test_a_tag_that_nobody_told_of_is_left_out_of_the_links(inside, sender, room, send):
    cups = tag_for("Cups")
    make_item("Thing A", days=1, tags=[2**40, cups.pk])
    make_reader()

    campaign = send(make_picks_campaign(sender))

    assert titles_in(words_of(room)) == ["Thing A"]
    assert list(LinkTag.objects.filter(message_id=campaign.message_id).values_list("tag", flat=True)) == [cups.pk]


def test_a_click_on_a_thing_of_a_merged_tag_speaks_for_the_survivor(inside, sender, room, send):
    tea, drinks = tag_for("Oolong"), tag_for("Drinks")
    items = [make_item("Thing A", tags=[tea.pk]), make_item("Thing B", days=2, tags=[tea.pk, drinks.pk])]
    reader = make_reader()

    merge_tags(tea, drinks, by=None)
    first = send(make_picks_campaign(sender))
    at = (now() + timedelta(minutes=5)).isoformat()
    click = {"message": first.message_id, "contact": reader.pk, "at": at, "agent": FIREFOX, "head": False}
    take_clicks(inside, [click | {"link": 1_000}, click | {"link": 1_001}])

    assert interest_names([reader.pk]) == {reader.pk: ["Drinks"]}
    assert [one.tags for one in LibraryItem.objects.filter(pk__in=[one.pk for one in items])] == [[drinks.pk]] * 2
