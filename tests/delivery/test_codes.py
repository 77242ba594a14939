"""Codes of offers in what goes out: one for each reader, the same again when it is tried again, nobody's twice, none empty."""

import threading
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from campaigns.checking.looking import check_campaign
from campaigns.planning import plan_due
from campaigns.reporting import REASONS
from delivery.content.liquid import BadTemplateError
from delivery.engine.claiming import claim_chunk
from delivery.engine.controlling import approve, schedule
from delivery.engine.sending import send_due
from delivery.models import Delivery, RecipientChunk
from delivery.test_sends import write_sample
from emails.models import OfferCode, OfferPool
from emails.offers.giving import GONE, OVER, give_codes
from emails.offers.keeping import withdraw_pool
from emails.offers.reading import keys_written
from lib.clock import now
from tests.factories.campaigns import again, make_campaign, planned
from tests.factories.contacts import make_contact, make_reader
from tests.factories.offers import codes_of, make_offer
from workspaces.current import working_in

pytestmark = pytest.mark.django_db
BODY = "Your code: {{ offer.spring }}. See [our shop](https://kettle.example/)."


def bodies(room) -> list[str]:
    letters = [message_from_bytes(one[2], policy=policy.default) for one in room.letters]
    return [one.get_body(("plain",)).get_content() for one in letters]


def test_each_reader_gets_a_code_of_their_own_and_keeps_it(inside, sender, room, send):
    make_offer(["TEA-1", "TEA-2", "TEA-3"])
    readers = [make_reader(), make_reader()]

    campaign = send(make_campaign(sender, body=BODY))

    assert campaign.message.offers == ["spring"]
    held = [codes_of(one) for one in readers]
    assert held == [["TEA-1"], ["TEA-2"]]
    assert sorted(code for text in bodies(room) for code in ("TEA-1", "TEA-2", "TEA-3") if code in text) == [
        "TEA-1",
        "TEA-2",
    ]
    assert OfferCode.objects.filter(message_id=campaign.message_id).exclude(given_at=None).count() == 2


def test_who_finds_no_code_left_is_left_out_and_nobody_gets_an_empty_one(inside, sender, room, send):
    make_offer(2)
    readers = [make_reader() for _ in range(3)]
    campaign = make_campaign(sender, body=BODY)
    approve(campaign.message, by=None)
    OfferCode.objects.order_by("pk").last().delete()  # one went elsewhere after the check

    schedule(again(campaign).message, by=None)
    plan_due(inside)
    send_due(inside)

    assert len(room.letters) == 1
    left_out = Delivery.objects.filter(contact__in=readers, state=Delivery.State.EXCLUDED)
    assert set(left_out.values_list("reason", "attempts")) == {(GONE, 0)}
    assert left_out.count() == 2
    assert str(REASONS[GONE]) == "No code was left for them"


def test_a_worker_that_was_killed_gave_the_same_code(inside, sender):
    make_offer(4)
    reader = make_reader()
    campaign = planned(make_campaign(sender, body=BODY))
    first = claim_chunk(inside).recipients[0].fields["offer"]
    Delivery.objects.update(state=Delivery.State.QUEUED)
    RecipientChunk.objects.update(leased_until=None)

    second = claim_chunk(inside).recipients[0].fields["offer"]

    assert first == second == {"spring": codes_of(reader)[0]}
    assert OfferCode.objects.filter(message_id=campaign.message_id).count() == 1


def test_an_offer_that_ended_meanwhile_goes_to_nobody(inside, sender):
    pool = make_offer(3)
    reader = make_reader()
    planned(make_campaign(sender, body=BODY))
    OfferPool.objects.filter(pk=pool.pk).update(expires_at=now())

    lease = claim_chunk(inside)

    assert lease.recipients == []
    assert codes_of(reader) == []
    assert Delivery.objects.get(contact=reader).reason == OVER


def test_everybody_gets_the_shared_code_and_none_is_counted_off(inside, sender):
    make_offer(kind="one", shared_code="TEATIME")
    readers = [make_reader(), make_reader()]
    planned(make_campaign(sender, body=BODY))

    lease = claim_chunk(inside)

    assert [one.fields["offer"] for one in lease.recipients] == [{"spring": "TEATIME"}] * len(readers)
    assert OfferCode.objects.count() == 0


def test_of_two_offers_who_gets_none_of_one_holds_no_code_of_the_other(inside):
    make_offer(2)
    make_offer(1, key="tin", name="Tin")
    one, two = make_contact(), make_contact()

    given = give_codes(["spring", "tin"], [one.pk, two.pk], message_id=1)

    assert given.codes.keys() | given.without.keys() == {one.pk, two.pk}
    lucky = next(iter(given.codes))
    assert set(given.codes[lucky]) == {"spring", "tin"}
    assert OfferCode.objects.filter(pool__key="spring", given_at=None).count() == 1


def test_giving_costs_the_same_for_one_and_for_fifty_and_nothing_without_codes(inside):
    make_offer(60)
    people = [make_contact().pk for _ in range(51)]

    with CaptureQueriesContext(connection) as one:
        give_codes(["spring"], people[:1], message_id=1)
    with CaptureQueriesContext(connection) as fifty:
        give_codes(["spring"], people[1:], message_id=1)

    assert len(one) == len(fifty) == 3  # given, and told: segments may ask who has one


@pytest.mark.django_db(transaction=True)
def test_two_claimers_at_once_share_no_code(kettle):
    with working_in(kettle):
        make_offer(100)
        people = [make_contact().pk for _ in range(100)]
    ready, found = threading.Barrier(2), {}

    def claim(name, mine):
        try:
            with working_in(kettle):
                ready.wait(10)
                for at in range(0, len(mine), 10):
                    given = give_codes(["spring"], mine[at : at + 10], message_id=1)
                    found.setdefault(name, {}).update({who: codes["spring"] for who, codes in given.codes.items()})
        finally:
            connections.close_all()

    claimers = [threading.Thread(target=claim, args=(n, people[n::2])) for n in range(2)]
    for one in claimers:
        one.start()
    for one in claimers:
        one.join(30)

    given = [*found[0].values(), *found[1].values()]
    assert len(given) == len(set(given)) == 100
    with working_in(kettle):
        assert OfferCode.objects.filter(given_at=None).count() == 0


def test_a_look_at_an_email_takes_no_code(inside, sender):
    make_offer(3)
    reader = make_reader()
    campaign = make_campaign(sender, body=BODY)

    seen = [write_sample(campaign.message, inside, person).text for person in (reader, None)]
    check = check_campaign(campaign, inside)

    assert all("SAMPLE" in one for one in seen)
    assert [one for one in check.blocks if "postal" not in one] == []
    assert OfferCode.objects.exclude(given_at=None).count() == 0


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({}, "The pool Spring has 1 code; 2 people would get one."),
        ({"expires_at": now() - timedelta(days=1)}, "The offer Spring is over."),
        ({"key": "summer"}, "There is no pool of codes with the key “spring”."),
    ],
)
def test_the_check_says_what_stands_against_an_offer(inside, sender, facts, said):
    make_offer(1, **facts)
    readers = [make_reader(), make_reader()]

    check = check_campaign(make_campaign(sender, body=BODY), inside)

    assert len(readers) == check.reachable
    assert said in check.blocks


def test_an_email_that_names_a_withdrawn_offer_cannot_be_approved(inside, sender):
    pool = make_offer(3)
    withdraw_pool(pool, by=None)

    with pytest.raises(BadTemplateError, match="withdrawn"):
        approve(make_campaign(sender, body=BODY).message, by=None)


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("{{ offer.spring }} {{offer['tin']}} {{ offer . a_b | upcase }}", {"spring", "tin", "a_b"}),
        ("An offer. Really", {"Really"}),
        ("Nothing", set()),
    ],
)
def test_offers_are_found_in_what_is_written(text, keys):
    assert keys_written(text) == keys
