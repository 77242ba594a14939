"""Addresses with letters beyond a to z: whom a server takes is known before approval, and the same when it is sent."""

import pytest
from django.utils import timezone

from campaigns.checking.looking import check_campaign
from delivery.engine.lanes import URGENT, WORK
from delivery.forms import SmtpSenderForm
from delivery.models import Delivery, Sender
from delivery.senders import MOST_FAILURES, note_health
from delivery.test_sends import ask_trial, send_trials
from tests.factories.campaigns import make_campaign
from tests.factories.contacts import make_reader
from workspaces.models import AgendaItem

LETTERS = "Address with letters that the sender’s server is not known to take"


@pytest.fixture
def readers(inside):
    inside.postal_address = "Tea Street 1"
    return [make_reader("Ann", email="ann@x.example"), make_reader("Jürgen", email="jürgen@x.example")]


def reasons(campaign, inside):
    check = check_campaign(campaign, inside)
    return check.reachable, [(str(row["text"]), row["count"]) for row in check.reasons]


@pytest.mark.parametrize("takes", [False, True])
def test_who_counts_before_approval_is_who_is_sent_to(inside, readers, sender, room, send, ada, takes, monkeypatch):
    if not takes:
        hello = type(room).handle_EHLO

        async def without(self, server, session, envelope, hostname, responses):
            said = await hello(self, server, session, envelope, hostname, responses)
            return [row for row in said if "SMTPUTF8" not in row]

        monkeypatch.setattr(type(room), "handle_EHLO", without)
    ask_trial(sender, by=ada)
    send_trials(inside)
    campaign = make_campaign(Sender.objects.get(pk=sender.pk))

    assert Sender.objects.get(pk=sender.pk).takes_any_letters == takes
    assert reasons(campaign, inside) == ((2, []) if takes else (1, [(LETTERS, 1)]))
    send(campaign)
    assert Delivery.objects.get(contact=readers[0]).state == Delivery.State.SENT
    jürgen = Delivery.objects.get(contact=readers[1])
    assert (jürgen.state, jürgen.reason) == (
        (Delivery.State.SENT, "") if takes else (Delivery.State.EXCLUDED, "address_letters")
    )


def test_another_server_is_asked_anew(inside, sender):
    Sender.objects.filter(pk=sender.pk).update(takes_any_letters=True)
    row = Sender.objects.get(pk=sender.pk)
    given = {"name": "Post", "per_second": 5, "security": "none"} | row.settings

    assert keep(row, given).takes_any_letters
    assert not keep(row, given | {"host": "mx.other.example"}).takes_any_letters


def test_whoever_corrects_a_sender_has_it_tried_at_once(inside, sender):
    for _ in range(MOST_FAILURES):
        note_health(sender, "down")
    AgendaItem.objects.all().delete()
    row = Sender.objects.get(pk=sender.pk)
    assert row.rests_until is not None

    kept = keep(row, {"name": "Post", "per_second": 5, "security": "none", "password": "right"} | row.settings)

    assert (kept.failures, kept.rests_until) == (0, None)
    assert set(AgendaItem.objects.filter(due_at__lte=timezone.now()).values_list("work", flat=True)) >= {WORK, URGENT}


@pytest.mark.parametrize("slots", [1, 2, 6])
def test_the_form_says_how_many_slots_there_are(inside, sender, settings, slots):
    settings.ECRM_SENDER_SLOTS = slots

    assert f"at most {slots} are" in SmtpSenderForm(instance=sender).fields["connections"].help_text


def keep(row: Sender, given) -> Sender:
    form = SmtpSenderForm(given, instance=row)
    assert form.is_valid(), form.errors
    form.save()
    return Sender.objects.get(pk=row.pk)
