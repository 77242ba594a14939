"""Every act of the inbox, and whether a member whose role asks for approval can make words or signs of ours leave by it."""

from uuid import uuid4

import pytest
from django.test import Client

from consent.suppressing import suppress
from conversations.answers.replying import reply_to
from conversations.channels import Capabilities
from conversations.models import AnswerDraft, Forward, Reply
from conversations.urls import urlpatterns
from delivery.models import PersonalEmail
from delivery.urls_people import urlpatterns as of_people
from lib.rooms import house
from social.networks.webhook import Webhook
from tests.conftest import join, make_user
from tests.factories.campaigns import make_sender
from tests.factories.contacts import make_contact
from tests.factories.social import make_connection, make_mention
from tests.machines import machine_of
from workspaces.current import working_in
from workspaces.models import Event, Notice, Role
from workspaces.permissions import may

pytestmark = pytest.mark.django_db
INBOX = "/w/kettle/inbox/"
OUTSIDE = "legal@outside.example"

WAITS = {"reply", "answer", "forward", "forward_again"}  # kept until somebody approves it
REFUSED = {"like", "many", "give_back", "approve_forward", "return_forward"}  # `many` where the act is a like
WAS_APPROVED = {"send_again"}  # what left once before, approved or by somebody who may
STAYS = {
    "inbox", "live", "conversation", "canned", "remove_canned", "add", "sentiment", "undo_forward", "undo", "keep_view",
    "remove_view", "split", "unmerge", "promise", "close_case", "call", "teams", "new_team", "away", "team", "remove_team",
    "draft", "note", "tag", "case", "assign", "take", "snooze", "close", "spam", "reopen", "complaint", "contact", "link",
    "part", "who", "unlink", "merge", "learnt", "use_shipped", "use_learnt", "file", "urgent_words",
    "file_small", "reply_file_small", "draft_files", "draft_file", "draft_file_small",
}  # fmt: skip
EMAILS = {"email": "refused", "take_back": "stays", "again": "was approved"}


class Applauding(Webhook):
    """A channel that answers and likes."""

    def capabilities(self):
        return Capabilities(replies=True, likes=True, receives=True)


@pytest.fixture
def mention(kettle, monkeypatch):
    monkeypatch.setitem(house.networks, "webhook", Applauding)
    with working_in(kettle):
        made = make_mention(connection=make_connection(callback_url="https://answers.example/hook"))
        make_sender()
        made.author.contact = make_contact("Greta", "greta@slowwater.example")
        made.author.save()
        return made


@pytest.fixture
def jonas(kettle):
    return join(kettle, make_user("jonas@kettle.example", "Jonas Brandt"), Role.EDITOR)


@pytest.fixture
def as_jonas(jonas):
    browser = Client()
    browser.force_login(jonas)
    return browser


def forward(client, mention, to=OUTSIDE, key=None):
    said = {"address": to, "note": "Please look.", "key": key or str(uuid4())}
    return client.post(f"{INBOX}mentions/{mention.pk}/forward/", said, follow=True)


def forwards(kettle):
    with working_in(kettle):
        return list(Forward.objects.order_by("pk").values_list("state", flat=True))


def test_every_act_of_the_inbox_says_whether_approval_holds_for_it():
    names = {one.name for one in urlpatterns}

    assert names == WAITS | REFUSED | WAS_APPROVED | STAYS
    assert sum(map(len, (WAITS, REFUSED, WAS_APPROVED, STAYS))) == len(names)
    assert {one.name for one in of_people} == EMAILS.keys()
    assert not may(Role.EDITOR, "social.approve")
    assert not may(Role.EDITOR, "workspace.keys")  # a key of the API approves: who may not approve makes none


def test_nothing_leaves_by_any_act_of_who_needs_approval(as_jonas, kettle, mention):
    """All that stands in the table is tried, with what a form would say."""
    with working_in(kettle):
        contact = mention.author.contact_id
    facts = {
        "text": "It does.", "key": str(uuid4()), "seen": 0, "mention": mention.pk, "address": OUTSIDE, "note": "Look.",
        "act": "like", "pick": mention.conversation_id, "even_so": "on", "all_the_same": "on", "subject": "Tea",
        "note-text": "For us.", "until": "later", "title": "x", "what": "x", "result": "reached",
    }  # fmt: skip
    for one in urlpatterns:
        path = str(one.pattern).replace("<int:contact_id>", str(contact))
        if one.name in {"merge", "remove_team", "teams", "new_team", "away", "team"}:
            continue
        number = mention.pk if path.startswith("mentions/") else mention.conversation_id
        answer = as_jonas.post(f"{INBOX}{path.replace('<int:pk>', str(number))}", facts)
        assert answer.status_code < 500, path
    as_jonas.post(f"/w/kettle/contacts/{contact}/email/", facts)

    with working_in(kettle):
        assert not Reply.objects.exists()
        assert not PersonalEmail.objects.exists()
        assert set(Forward.objects.values_list("state", flat=True)) <= {"asked"}


def test_a_like_is_refused_in_clear_words_alone_and_for_many(as_jonas, as_ada, kettle, mention):
    one = as_jonas.post(f"{INBOX}mentions/{mention.pk}/like/", headers={"HX-Request": "true"})
    many = as_jonas.post(f"{INBOX}many/", {"act": "like", "pick": mention.conversation_id})

    assert (one.status_code, "nothing was liked" in one.headers["HX-Trigger"]) == (403, True)
    assert many.status_code == 302
    assert f"mentions/{mention.pk}/like/" not in as_jonas.get(f"{INBOX}{mention.conversation_id}/").text
    assert f"mentions/{mention.pk}/like/" in as_ada.get(f"{INBOX}{mention.conversation_id}/").text
    with working_in(kettle):
        assert not Reply.objects.exists()
    as_ada.post(f"{INBOX}mentions/{mention.pk}/like/")
    with working_in(kettle):
        assert Reply.objects.get().is_like


def test_a_forward_outside_waits_and_leaves_when_somebody_approves_it(as_jonas, as_ada, kettle, mention, jonas, ada):
    said = forward(as_jonas, mention)

    assert "It waits to be approved" in said.text
    assert forwards(kettle) == ["asked"]
    page = f"{INBOX}{mention.conversation_id}/"
    assert page in as_ada.get(f"{INBOX}?only=approvals").text
    with working_in(kettle):
        row = Forward.objects.get()
        assert list(Notice.objects.filter(kind="conversations.forward_asked").values_list("user_id", flat=True)) == [
            ada.pk
        ]
    assert "Approve and send" in as_ada.get(page).text
    assert as_jonas.post(f"{INBOX}forwards/{row.pk}/approve/").status_code == 403

    as_ada.post(f"{INBOX}forwards/{row.pk}/approve/")

    with working_in(kettle):
        row.refresh_from_db()
    assert (row.state, row.by_id, row.approved_by_id) == ("waiting", jonas.pk, ada.pk)
    assert "approved by Ada Berg" in as_ada.get(page).text
    again = as_ada.post(f"{INBOX}forwards/{row.pk}/approve/", headers={"HX-Request": "true"})
    assert again.status_code == 409


def told(kettle):
    with working_in(kettle):
        return list(Event.objects.filter(type__startswith="forward.").order_by("pk").values_list("type", "data"))


def test_machines_hear_of_forwards_that_wait_go_back_and_leave(as_jonas, as_ada, kettle, mention, jonas):
    forward(as_jonas, mention)
    with working_in(kettle):
        pk = Forward.objects.get().pk
    as_ada.post(f"{INBOX}forwards/{pk}/back/")
    as_ada.post(f"{INBOX}forwards/{pk}/back/")
    as_jonas.post(f"{INBOX}forwards/{pk}/again/")
    as_ada.post(f"{INBOX}forwards/{pk}/approve/")
    as_ada.post(f"{INBOX}forwards/{pk}/approve/")

    data = {
        "conversation_id": mention.conversation_id, "mention_id": mention.pk, "forward_id": pk, "by": jonas.pk
    }  # fmt: skip
    kinds = ["forward.asked", "forward.returned", "forward.asked", "forward.approved"]
    assert told(kettle) == [(kind, data) for kind in kinds]


def test_a_form_sent_twice_asks_and_tells_once(as_jonas, kettle, mention):
    for _turn in range(2):
        forward(as_jonas, mention, key=f"00000000-0000-4000-8000-{7:012d}")
    assert (forwards(kettle), [kind for kind, _data in told(kettle)]) == (["asked"], ["forward.asked"])
    with working_in(kettle):
        assert Notice.objects.filter(kind="conversations.forward_asked").count() == 1


def test_an_address_that_became_one_not_to_contact_is_not_approved(as_jonas, as_ada, kettle, mention):
    forward(as_jonas, mention)
    with working_in(kettle):
        row = Forward.objects.get()
        suppress(OUTSIDE)

    said = as_ada.post(f"{INBOX}forwards/{row.pk}/approve/", follow=True)

    assert "Do not contact" in said.text
    assert forwards(kettle) == ["asked"]


def test_what_is_given_back_is_asked_again_or_taken_back(as_jonas, as_ada, kettle, mention, jonas):
    forward(as_jonas, mention)
    with working_in(kettle):
        pk = Forward.objects.get().pk
    as_ada.post(f"{INBOX}forwards/{pk}/back/")
    assert forwards(kettle) == ["returned"]
    with working_in(kettle):
        assert Notice.objects.get(kind="conversations.forward_back").user_id == jonas.pk
    assert "Ask again" in as_jonas.get(f"{INBOX}{mention.conversation_id}/").text

    as_jonas.post(f"{INBOX}forwards/{pk}/again/")
    assert forwards(kettle) == ["asked"]
    as_jonas.post(f"{INBOX}forwards/{pk}/undo/")

    assert forwards(kettle) == []


def test_to_a_colleague_who_reads_the_inbox_it_leaves_at_once(as_jonas, kettle, mention, bob):
    forward(as_jonas, mention, "BOB@kettle.example ")
    forward(as_jonas, mention, "bob+legal@kettle.example")

    assert forwards(kettle) == ["waiting", "asked"]


def test_a_machine_lists_approves_and_gives_back_forwards(as_jonas, kettle, rival, mention):
    for _turn in range(2):
        forward(as_jonas, mention)
    machine, stranger = machine_of(kettle), machine_of(rival)
    first, second = machine.get("/approvals/forwards").json()["items"]
    where = f"/approvals/forwards/{first['id']}"

    assert (first["to"], first["note"], first["state"]) == (OUTSIDE, "Please look.", "asked")
    assert stranger.get("/approvals/forwards").json()["items"] == []
    assert stranger.post(f"{where}/approval").status_code == 404
    assert machine.post(f"{where}/approval").json()["state"] == "waiting"
    assert machine.post(f"{where}/approval").status_code == 409
    assert machine.post(f"/approvals/forwards/{second['id']}/return").status_code == 204
    assert forwards(kettle) == ["waiting", "returned"]


def test_a_failed_answer_is_sent_again_by_anybody_who_answers(as_jonas, kettle, mention, ada):
    """Its words were approved, or written by somebody who may."""
    with working_in(kettle):
        row = reply_to(mention, "It does.", by=ada)
        Reply.objects.update(state=Reply.State.FAILED, attempts=3)
    as_jonas.post(f"{INBOX}replies/{row.pk}/again/")
    with working_in(kettle):
        assert Reply.objects.get().state == Reply.State.WAITING


def test_who_asks_for_approval_writes_no_more(as_jonas, as_ada, kettle, mention):
    """Whoever approves is not held up by the presence of who asked."""
    here = {"open": mention.conversation_id, "here": "1", "writes": "1", "version": "x"}

    def approve(**facts):
        said = {"text": "It does.", "key": str(uuid4()), "seen": 0, **facts}
        return as_ada.post(f"{INBOX}mentions/{mention.pk}/reply/", said, headers={"HX-Request": "true"})

    as_jonas.get(f"{INBOX}live/", here)
    held = approve()
    asked = {"text": "It does.", "key": str(uuid4()), "seen": 0}
    as_jonas.post(f"{INBOX}mentions/{mention.pk}/reply/", asked)
    with working_in(kettle):
        draft = AnswerDraft.objects.get()
    sent = approve(approves=draft.pk)

    assert (held.status_code, sent.status_code) == (422, 200)
    with working_in(kettle):
        assert Reply.objects.count() == 1
