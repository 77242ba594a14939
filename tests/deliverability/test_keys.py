"""Keys of a domain: made with the sender, silent until the DNS shows them, exchanged without a gap."""

from datetime import timedelta

import dkim
import pytest

from deliverability.keys import exchange_keys, keys_of, make_keys, public_keys, signers_of
from deliverability.looking import ask_look, look_at_due, look_of
from deliverability.models import DkimKey, DomainLook
from delivery.models import Sender
from delivery.test_sends import ask_trial, send_trials
from lib.clock import now
from tests.deliverability.conftest import DOMAIN, good_zone
from workspaces.current import working_in


def rows_of(kettle, *, without=()):
    with working_in(kettle):
        shown = [one for one in DkimKey.objects.all() if one.selector not in without]
        return {
            (f"{one.selector}._domainkey.{one.domain}", "TXT"): [
                " ".join(f'"{text}"' for text in pieces(f"v=DKIM1; k={one.kind}; p={one.public}"))
            ]
            for one in shown
        }


def pieces(text):
    return [text[no : no + 200] for no in range(0, len(text), 200)]


def look(kettle):
    with working_in(kettle):
        ask_look(DomainLook.objects.get())
    look_at_due(kettle)


@pytest.fixture
def sender(kettle, answering, make_sender):
    answering(good_zone())
    with working_in(kettle):
        sender = make_sender()
        look_of(sender)
    look_at_due(kettle)
    return sender


def test_an_own_server_has_keys_from_the_start_that_sign_once_they_are_seen(kettle, sender, answering):
    with working_in(kettle):
        assert [(one.kind, one.seen_at) for one in keys_of(DOMAIN)] == [("ed25519", None), ("rsa", None)]
        assert signers_of(sender) == []
        assert b"PRIVATE" not in b"".join(bytes(one.sealed_private) for one in keys_of(DOMAIN))
    answering(good_zone() | rows_of(kettle))
    look(kettle)

    with working_in(kettle):
        assert {one.algorithm for one in signers_of(sender)} == {"rsa-sha256", "ed25519-sha256"}


def test_new_keys_take_over_when_they_are_seen_and_not_before(kettle, ada, sender, answering):
    answering(good_zone() | rows_of(kettle))
    look(kettle)
    with working_in(kettle):
        old = {one.selector for one in signers_of(sender)}
        exchange_keys(DOMAIN, by=ada)
        assert exchange_keys(DOMAIN, by=ada) == list(DkimKey.objects.filter(seen_at=None))
        assert {one.selector for one in signers_of(sender)} == old
        assert not {one.selector for one in public_keys(DOMAIN)} & old
    look(kettle)
    with working_in(kettle):
        assert {one.selector for one in signers_of(sender)} == old
    answering(good_zone() | rows_of(kettle))
    look(kettle)

    with working_in(kettle):
        assert len(signers_of(sender)) == 2
        assert not {one.selector for one in signers_of(sender)} & old


def test_the_name_of_a_key_is_never_another_ones(kettle, ada, sender, answering):
    seen = set()
    for _turn in range(3):
        answering(good_zone() | rows_of(kettle))
        look(kettle)
        with working_in(kettle):
            DkimKey.objects.exclude(retired_at=None).update(retired_at=now() - timedelta(days=8))
            names = {one.selector for one in exchange_keys(DOMAIN, by=ada)}
        assert not names & seen
        seen |= names
    look(kettle)

    with working_in(kettle):
        gone = DkimKey.objects.exclude(retired_at=None).filter(retired_at__lt=now() - timedelta(days=7))
        assert {bytes(one.sealed_private) for one in gone} == {b""}


def test_a_provider_signs_by_itself_until_somebody_wants_a_key_of_ones_own(as_ada, kettle, answering, make_sender):
    answering(good_zone())
    with working_in(kettle):
        sender = make_sender(host="smtp.postmarkapp.com")
        look_of(sender)
        assert keys_of(DOMAIN) == []

    as_ada.post(f"/w/kettle/campaigns/deliverability/senders/{sender.pk}/keys/")

    with working_in(kettle):
        assert len(keys_of(DOMAIN)) == 2


def test_a_key_that_cannot_be_opened_signs_nothing_and_stops_nothing(kettle, sender, answering, settings):
    answering(good_zone() | rows_of(kettle))
    look(kettle)
    settings.SECRET_KEY = "another"

    with working_in(kettle):
        assert signers_of(sender) == []


def test_what_goes_out_bears_the_signatures(kettle, ada, room, answering, make_sender):
    with working_in(kettle):
        sender = make_sender(host="127.0.0.1", port=room.port, security="none")
        make_keys(DOMAIN, by=ada)
        DkimKey.objects.update(seen_at="2026-01-01T00:00Z")
        ask_trial(sender, by=ada)
    send_trials(kettle)

    with working_in(kettle):
        keys = {one.selector: f"v=DKIM1; k={one.kind}; p={one.public}".encode() for one in DkimKey.objects.all()}
    ((_from, _to, data),) = room.letters
    results = [
        dkim.DKIM(data).verify(idx=number, dnsfunc=lambda name, timeout=5: keys[name.decode().split(".")[0]])
        for number in (0, 1)
    ]
    assert results == [True, True]


def test_only_those_who_set_up_exchange_keys(member, as_eve, sender):
    url = f"/w/kettle/campaigns/deliverability/senders/{sender.pk}/keys/"

    assert member("marketer").post(url).status_code == 403
    assert as_eve.post(url).status_code == 404


def test_a_demo_sender_gets_no_keys(as_ada, kettle):
    with working_in(kettle):
        sender = Sender.objects.create(name="Demo", settings={"host": "127.0.0.1", "from_email": "a@kettle.example"})

    as_ada.post(f"/w/kettle/campaigns/deliverability/senders/{sender.pk}/keys/")

    with working_in(kettle):
        assert not DkimKey.objects.exists()
