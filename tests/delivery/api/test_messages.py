"""A machine has an email sent to one person: once, to whom it may, with what it told, and hears what became of it."""

import base64
import json
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from django.utils import timezone

from consent.suppressing import suppress
from contacts.models import Contact, Identity
from delivery.engine.claiming import claim_chunk
from delivery.engine.controlling import pause_for
from delivery.engine.freeing import free_urgent
from delivery.engine.sending import send_due, send_urgent
from delivery.events import on_touchpoints_recorded
from delivery.models import (
    Delivery,
    EmailAttachment,
    Message,
    RecipientChunk,
    SendAttachment,
    TransactionalSend,
    WarmUp,
)
from delivery.pace.rationing import today_of
from delivery.pace.warming_up import end_warm_up, start_warm_up
from delivery.transactional.templates import approve_template, retire_template, write_template
from privacy.erasing import erase_person
from tests.delivery.conftest import own_var, room
from tests.factories.campaigns import make_campaign, make_message, make_sender, planned
from tests.factories.contacts import make_contact, make_reader
from tests.machines import machine_of
from workspaces.current import working_in
from workspaces.events import number_events
from workspaces.models import Event

__all__ = ["own_var", "room"]
State = Delivery.State
WORDS = {
    "subject": "Order {{ data.order }}", "preheader": "", "body_format": "markdown",
    "body": "Hello {{ contact.first_name | default: 'you' }}\n\n{% for one in data.lines %}- {{ one }}\n{% endfor %}\n",
}  # fmt: skip
ORDER = {"order": "A-17", "lines": ["Tin & <wrap>"]}


@pytest.fixture
def machine(kettle):
    return machine_of(kettle)


@pytest.fixture
def sender(kettle, room):
    with working_in(kettle):
        return make_sender(port=room.port)


@pytest.fixture
def template(kettle, sender, ada):
    with working_in(kettle):
        found = write_template(None, name="Order confirmation", sender=sender, example={}, by=ada, **WORDS)
        approve_template(found, by=ada)
    return found


@pytest.fixture
def greta(kettle):
    with working_in(kettle):
        return make_contact("Greta Lind")  # she said yes to nothing: a receipt asks for no consent


def ask(machine, to, *, key="", **facts):
    body = {"to": to} | ({"template": "Order confirmation", "data": ORDER} if "subject" not in facts else {}) | facts
    return machine.post("/messages", body, **({"Idempotency_Key": key} if key else {}))


def email_in(room):
    [(_sender, _to, raw)] = room.letters
    return message_from_bytes(raw, policy=policy.default)


def test_an_order_confirmation_leaves_at_once_with_what_was_told(machine, kettle, room, template, greta):
    said = ask(machine, {"contact_id": greta.pk})

    assert said.status_code == 202
    told = said.json()
    assert (told["state"], told["template"], told["version"], told["contact_id"]) == (
        "queued", "Order confirmation", 1, greta.pk,
    )  # fmt: skip
    send_urgent(kettle)
    email = email_in(room)
    assert email["subject"] == "Order A-17"
    assert "Hello Greta" in email.get_body(("plain",)).get_content()
    assert "Tin &amp; &lt;wrap&gt;" in email.get_body(("html",)).get_content()
    now = machine.get(f"/messages/{told['id']}").json()
    assert (now["state"], now["reason"], now["sent_at"] is not None) == ("sent", "", True)


def test_the_same_key_is_sent_once_and_another_is_another_order(machine, kettle, room, template, greta):
    first, again = (ask(machine, {"contact_id": greta.pk}, key="A-17") for _ in range(2))
    other = ask(machine, {"contact_id": greta.pk}, key="A-18", data=ORDER | {"order": "A-18"})

    assert (again.json(), again["Idempotency-Replayed"]) == (first.json(), "true")
    assert other.json()["id"] != first.json()["id"]
    assert ask(machine, {"contact_id": greta.pk}, key="A-17", data={}).status_code == 422
    send_urgent(kettle)
    assert room.counts == {greta.email: 2}
    send_urgent(kettle)
    assert room.counts == {greta.email: 2}


@pytest.mark.parametrize("kind", ["email", "external_id", "contact_id"])
def test_people_are_named_by_what_the_shop_knows(machine, kettle, template, greta, kind):
    with working_in(kettle):
        Identity.objects.create(contact=greta, kind=Identity.Kind.EXTERNAL_ID, value="4711")
    named = {"email": greta.email.upper(), "external_id": "4711", "contact_id": greta.pk}[kind]

    assert ask(machine, {kind: named}).json()["contact_id"] == greta.pk


def test_an_unknown_address_becomes_a_contact_and_an_unknown_number_does_not(machine, kettle, template):
    said = ask(machine, {"email": "New@Shop.Example"})

    with working_in(kettle):
        assert Contact.objects.get(pk=said.json()["contact_id"]).email == "new@shop.example"
        before = Contact.objects.count()
    assert ask(machine, {"external_id": "no-such-customer"}).status_code == 404
    assert ask(machine, {"contact_id": 999_999}).status_code == 404
    assert ask(machine, {"email": "no address"}).status_code == 422
    assert ask(machine, {"email": "second@shop.example"}, data={}).status_code == 422  # refused as a whole
    with working_in(kettle):
        assert Contact.objects.count() == before


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("complaint", "gate_complaint"),
        ("bounce", "gate_bounce"),
        ("objection", "gate_objection"),
        ("manual", "gate_blocked"),
    ],
)
def test_who_may_not_be_written_to_is_told_with_the_gates_reason(machine, kettle, template, greta, reason, code):
    with working_in(kettle):
        suppress(greta.email, reason=reason)
    said = ask(machine, {"contact_id": greta.pk})

    assert (said.status_code, said.json()["code"]) == (422, code)
    with working_in(kettle):
        assert TransactionalSend.objects.count() == RecipientChunk.objects.count() == 0


def test_somebody_without_an_address_and_somebody_erased(machine, kettle, template, greta, ada):
    with working_in(kettle):
        nobody = make_contact("No Address", email="")
        erase_person(greta.pk, by=ada)

    assert ask(machine, {"contact_id": nobody.pk}).json()["code"] == "gate_no_address"
    assert ask(machine, {"contact_id": greta.pk}).status_code == 404


def test_what_is_missing_is_named_and_nothing_is_sent(machine, kettle, template, greta):
    said = ask(machine, {"contact_id": greta.pk}, data={"lines": []})

    assert (said.status_code, said.json()["code"]) == (422, "field_missing")
    assert "data.order" in said.json()["detail"]
    with working_in(kettle):
        assert TransactionalSend.objects.count() == 0


def test_words_of_ones_own_and_a_file(machine, kettle, room, sender, greta):
    pdf = base64.b64encode(b"%PDF-1.7 hello").decode()
    said = ask(
        machine, {"contact_id": greta.pk}, subject="Invoice {{ data.no }}", text="Hi {{ not a template }}",
        data={"no": 7}, attachments=[{"name": "../in\nvoice.pdf", "content": pdf}],
    )  # fmt: skip
    assert said.status_code == 202, said.text
    send_urgent(kettle)

    email = email_in(room)
    [file] = email.iter_attachments()
    assert (email["subject"], file.get_content_type(), file.get_content()) == (
        "Invoice 7",
        "application/pdf",
        b"%PDF-1.7 hello",
    )
    assert file.get_filename() == "in voice.pdf"
    assert "Hi {{ not a template }}" in email.get_body(("plain",)).get_content()
    with working_in(kettle):
        assert Message.objects.get(pk=said.json()["message_id"]).state == Message.State.SENT


def test_a_template_with_a_file_or_another_sender_is_a_message_of_its_own(machine, kettle, room, template, greta):
    with working_in(kettle):
        other = make_sender(port=room.port, from_email="orders@kettle.example")
    said = ask(
        machine, {"contact_id": greta.pk}, sender=other.pk, attachments=[{"name": "a.txt", "content": "aGk="}]
    )  # fmt: skip
    send_urgent(kettle)

    assert said.json()["version"] == 1
    email = email_in(room)
    assert (email["subject"], "orders@kettle.example" in email["from"]) == ("Order A-17", True)
    assert len(list(email.iter_attachments())) == 1


@pytest.mark.parametrize(
    ("facts", "at"),
    [
        ({"subject": "x"}, "body"),
        ({"subject": "x", "text": "a", "html": "b"}, "body"),
        ({"template": "Order confirmation", "subject": "x"}, "body.template"),
        ({"template": "nothing"}, "body.template"),
        ({"sender": 999_999}, "body.sender"),
        ({"attachments": [{"name": "a", "content": "%%%"}]}, "body.attachments.0.content"),
        ({"attachments": [{"name": "a", "content": "=="}]}, "body.attachments.0.content"),
        ({"data": {"x": "y" * 70_000, "order": "1", "lines": []}}, "body.data"),
        ({"data": {"order": [[[[[[[[[1]]]]]]]]]}}, "body.data"),
    ],
)
def test_what_does_not_fit_is_refused_at_its_place(machine, template, greta, facts, at):
    body = {"to": {"contact_id": greta.pk}, "template": "Order confirmation", "data": ORDER}
    if "subject" in facts:
        body.pop("template")
    said = machine.post("/messages", body | facts)

    assert (said.status_code, [one["at"] for one in said.json()["errors"]]) == (422, [at])


def test_two_names_for_one_person_are_refused(machine, template, greta):
    for to in ({}, {"contact_id": greta.pk, "email": greta.email}):
        assert ask(machine, to).status_code == 422


def test_without_a_sender_it_says_so(machine, greta):
    said = ask(machine, {"contact_id": greta.pk}, subject="x", markdown="y")
    assert (said.status_code, said.json()["code"]) == (409, "no_sender")


def test_a_new_version_goes_out_and_a_retired_template_does_not(machine, kettle, room, template, greta, ada, sender):
    ask(machine, {"contact_id": greta.pk}, data=ORDER | {"order": "old"})
    with working_in(kettle):
        write_template(
            template,
            name="Order confirmation",
            sender=sender,
            example={},
            by=ada,
            **WORDS | {"subject": "New {{ data.order }}"},
        )
    assert ask(machine, {"contact_id": greta.pk}).json()["version"] == 1  # until it is approved
    with working_in(kettle):
        approve_template(template, by=ada)
    assert ask(machine, {"contact_id": greta.pk}).json()["version"] == 2
    send_urgent(kettle)

    subjects = sorted(message_from_bytes(raw, policy=policy.default)["subject"] for _s, _t, raw in room.letters)
    assert subjects == ["New A-17", "Order A-17", "Order old"]
    with working_in(kettle):
        retire_template(template, by=ada)
    assert ask(machine, {"contact_id": greta.pk}).json()["code"] == "no_template"


def test_it_passes_by_a_campaign(machine, kettle, room, template, greta, sender):
    with working_in(kettle):
        for _ in range(3):
            make_reader()
        planned(make_campaign(sender))
    ask(machine, {"contact_id": greta.pk})

    with working_in(kettle):
        lease = claim_chunk(kettle)
    assert lease.message.purpose == Message.Purpose.TRANSACTIONAL
    assert lease.recipients[0].fields["data"] == ORDER


def test_the_list_is_by_person_and_state_and_costs_the_same_for_many(
    machine, kettle, template, greta, room, django_assert_num_queries
):
    ask(machine, {"contact_id": greta.pk})
    send_urgent(kettle)
    for number in range(3):
        ask(machine, {"email": f"p{number}@shop.example"})

    def ids(query=""):
        return [one["id"] for one in machine.get(f"/messages{query}").json()["items"]]

    everything = ids()
    assert everything == sorted(everything, reverse=True)
    assert len(everything) == 4
    assert ids(f"?contact_id={greta.pk}") == ids("?state=sent") == everything[-1:]
    assert ids("?state=queued") == everything[:3]
    assert machine.get("/messages?state=flown").status_code == 422
    assert machine.get("/messages/999999").status_code == 404


def test_another_workspace_sees_and_sends_nothing_of_it(machine, kettle, rival, template, greta):
    told = ask(machine, {"contact_id": greta.pk}).json()
    other = machine_of(rival)

    assert other.get(f"/messages/{told['id']}").status_code == 404
    assert other.get("/messages").json()["items"] == []
    assert other.get(f"/deliveries?contact_id={greta.pk}").json()["items"] == []
    assert other.get(f"/deliveries/counts?message_id={told['message_id']}").status_code == 404
    assert ask(other, {"email": greta.email}).json()["code"] == "no_template"


def test_scopes_keep_reading_and_sending_apart(kettle, template, greta):
    reads, writes = machine_of(kettle, ["messages:read"]), machine_of(kettle, ["messages:write"])

    assert ask(reads, {"contact_id": greta.pk}).status_code == 403
    assert (ask(writes, {"contact_id": greta.pk}).status_code, writes.get("/messages").status_code) == (202, 403)
    assert [reads.get(path).status_code for path in ("/senders", "/deliveries?contact_id=1")] == [403, 403]


def events(kettle):
    with working_in(kettle):
        number_events()
        rows = Event.objects.filter(type__startswith="message.").order_by("position")
        return [(row.type, row.contact_ids, row.data) for row in rows]


def test_machines_hear_what_became_of_it(machine, kettle, room, template, greta):
    told = ask(machine, {"contact_id": greta.pk}).json()
    room.refuse = {"gone@shop.example": "550 5.1.1 unknown"}
    gone = ask(machine, {"email": "gone@shop.example"}).json()
    with working_in(kettle):
        late = make_contact("Late No")
    ask(machine, {"contact_id": late.pk})
    with working_in(kettle):
        suppress(late.email)
    send_urgent(kettle)

    about = {"message_id": told["message_id"]}
    assert sorted(events(kettle)) == sorted([
        ("message.sent", [greta.pk], about), ("message.bounced", [gone["contact_id"]], about),
        ("message.failed", [late.pk], about),
    ])  # fmt: skip
    assert machine.get("/events?type=message.failed").status_code == 200


def test_a_campaign_tells_once_a_chunk_and_message(kettle, room, sender, inside):
    people = [make_reader() for _ in range(3)]
    planned(make_campaign(sender))
    send_due(kettle)

    [(kind, whom, _about)] = events(kettle)
    assert (kind, whom) == ("message.sent", sorted(one.pk for one in people))
    assert on_touchpoints_recorded.__module__ == "delivery.events"


def test_senders_and_deliveries_can_be_read(machine, kettle, room, template, greta, sender):
    told = ask(machine, {"contact_id": greta.pk}).json()
    send_urgent(kettle)

    [one] = machine.get("/senders").json()["items"]
    assert (one["id"], one["from_email"], one["works"]) == (sender.pk, "hello@kettle.example", True)
    assert one["warm_up"] is None
    assert machine.get(f"/senders/{sender.pk}").json() == one
    assert machine.get("/senders/999999").status_code == 404
    assert "secret" not in json.dumps(one)
    [row] = machine.get(f"/deliveries?message_id={told['message_id']}&state=sent").json()["items"]
    assert (row["contact_id"], row["state"], row["code"]) == (greta.pk, "sent", "250 2.0.0")
    assert machine.get(f"/deliveries?contact_id={greta.pk}").json()["items"] == [row]
    assert machine.get("/deliveries").status_code == 422
    sums = machine.get(f"/deliveries/counts?message_id={told['message_id']}").json()
    assert (sums["states"], sums["opened"], sums["bounced"]) == ({"sent": 1}, 0, 0)


def test_what_became_of_one_in_doubt_is_told_once(machine, kettle, template, greta, sender):
    with working_in(kettle):
        message = planned(make_campaign(sender)).message
        rows = [
            Delivery.objects.create(message=message, contact=one, state=State.IN_DOUBT, address=one.email)
            for one in (make_reader(), make_reader(), make_reader())
        ]

    def say(row, fate):
        told = machine.post(f"/deliveries/{row.pk}/outcome", {"fate": fate})
        return told.status_code, told.json().get("state"), told.json().get("code")

    assert say(rows[0], "sent") == (200, "sent", "")
    assert say(rows[0], "resend") == (409, None, "settled")
    assert say(rows[1], "resend") == (200, "queued", "")
    assert say(rows[2], "leave") == (200, "in_doubt", "")
    assert say(rows[2], "nowhere")[0] == 422
    assert machine.post("/deliveries/999999/outcome", {"fate": "sent"}).status_code == 404
    with working_in(kettle):
        Message.objects.filter(pk=message.pk).update(state=Message.State.CANCELLED)
    assert say(rows[2], "resend") == (409, None, "stopped")
    reader = machine_of(kettle, ["deliveries:read"])
    assert reader.post(f"/deliveries/{rows[2].pk}/outcome", {"fate": "sent"}).status_code == 403


def test_deliveries_come_in_pages_that_miss_nobody(machine, kettle, sender):
    with working_in(kettle):
        message, other = make_message(sender), make_message(sender)
        people = [make_contact() for _ in range(5)]
        for one in people:
            for about in (message, other):
                Delivery.objects.create(
                    message=about, contact=one, state=State.SENT, queued_at=timezone.now() - timedelta(days=1)
                )
    for query, count in ((f"message_id={message.pk}", 5), (f"contact_id={people[0].pk}", 2)):
        seen, after = [], ""
        while after is not None:
            page = machine.get(f"/deliveries?{query}&limit=1&after={after}").json()
            seen += [one["id"] for one in page["items"]]
            after = page["next"]
        assert len(seen) == len(set(seen)) == count


def test_an_erased_person_leaves_no_word_of_what_was_told(machine, kettle, room, template, greta, ada):
    ask(machine, {"contact_id": greta.pk}, attachments=[{"name": "a.txt", "content": "aGk="}])
    ask(machine, {"contact_id": greta.pk}, subject="For Greta", text="Secret words")
    with working_in(kettle):
        erase_person(greta.pk, by=ada)

        assert SendAttachment.objects.count() == EmailAttachment.objects.count() == 0
        assert set(map(json.dumps, TransactionalSend.objects.values_list("data", flat=True))) == {"{}"}
        assert not Message.objects.filter(name="For Greta").exists()
    send_urgent(kettle)
    assert room.counts == {}


def test_a_sender_tells_its_warm_up_plan(machine, kettle, sender):
    with working_in(kettle):
        start_warm_up(sender, most=200, days_a_step=2, by=None)
        WarmUp.objects.update(step=1, day=today_of(kettle), taken_count=30)

    [one] = machine.get("/senders").json()["items"]

    assert one == machine.get(f"/senders/{sender.pk}").json()
    assert one["warm_up"].pop("started_at")
    assert one["warm_up"] == {
        "state": "running", "most_today": 100, "sent_today": 30, "step": 2, "steps": [50, 100, 200], "days_a_step": 2,
    }  # fmt: skip
    with working_in(kettle):
        end_warm_up(sender, by=None)
    assert machine.get(f"/senders/{sender.pk}").json()["warm_up"] is None


def test_what_a_trouble_had_stopped_goes_on_with_the_next_and_with_a_saved_sender(
    machine, kettle, room, template, greta, sender
):
    first = ask(machine, {"contact_id": greta.pk}, data=ORDER | {"order": "1"}).json()
    own = ask(machine, {"contact_id": greta.pk}, subject="Own", text="words").json()
    with working_in(kettle):
        for message in Message.objects.filter(state="sending"):
            pause_for(message, "The mail server cannot be used.")

    said = ask(machine, {"contact_id": greta.pk}, data=ORDER | {"order": "2"})

    assert said.status_code == 202
    for _ in range(3):
        send_urgent(kettle)
    assert room.counts == {greta.email: 3}
    states = [machine.get(f"/messages/{one['id']}").json()["state"] for one in (first, own, said.json())]
    assert states == ["sent"] * 3
    with working_in(kettle):
        for message in Message.objects.filter(state="sending"):
            pause_for(message, "The mail server cannot be used.")
        assert free_urgent(sender) == 1
        assert free_urgent(sender) == 0
