"""The desk: drafts, answers taken back, tags, who is named in a note, saved views, cases and what was promised."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from conversations.assigning import add_team_note, assign, resolve_complaint, snooze
from conversations.cases import BadCaseError, close_case, open_case, promises_of, settle_promise
from conversations.inbox.tagging import NoTagError, tag_conversation
from conversations.mentions.calling import Call, log_call
from conversations.models import (
    AnswerDraft,
    Case,
    Conversation,
    ConversationTag,
    Mention,
    Reply,
    SavedView,
    TeamNoteMention,
)
from conversations.tasks import wake
from conversations.views.answering import UNDO
from lib.clock import now
from tests.conftest import join, make_user
from tests.factories.contacts import make_contact
from tests.factories.social import make_connection, make_mention
from workspaces.current import working_in
from workspaces.models import AuditEntry, Role

pytestmark = pytest.mark.django_db
INBOX = "/w/kettle/inbox/"


@pytest.fixture
def mention(kettle):
    with working_in(kettle):
        return make_mention(connection=make_connection(callback_url="https://answers.example/hook"))


@pytest.fixture
def as_bob(bob):
    colleague = Client()
    colleague.force_login(bob)
    return colleague


def answer(client, mention, text="It does.", **facts):
    key = f"00000000-0000-4000-8000-{mention.pk:012d}"
    said = {"text": text, "key": key, "seen": 0, **facts}
    return client.post(f"{INBOX}mentions/{mention.pk}/reply/", said, headers={"HX-Request": "true"})


def test_a_draft_is_there_on_another_device_and_gone_once_it_is_sent(as_ada, as_bob, kettle, mention):
    where, page = f"{INBOX}{mention.conversation_id}/draft/", f"{INBOX}{mention.conversation_id}/"

    kept = as_ada.post(where, {"text": "It does, jer", "visibility": "direct"})

    assert "Draft saved" in kept.text
    assert "It does, jer" in as_ada.get(page).text
    assert "It does, jer" not in as_bob.get(page).text
    assert f"item-{mention.conversation_id}" in as_ada.get(f"{INBOX}?only=drafts").text
    answer(as_ada, mention)
    with working_in(kettle):
        assert not AnswerDraft.objects.exists()
    as_bob.post(where, {"text": "x"})
    as_bob.post(where, {"text": "  "})
    with working_in(kettle):
        assert not AnswerDraft.objects.exists()


def test_an_answer_leaves_after_ten_seconds_and_the_next_one_is_offered(as_ada, kettle, mention):
    with working_in(kettle):
        other = make_mention("And the lid?", name="Greta Lind")

    said = answer(as_ada, mention)

    assert "Leaves in 10 seconds" in said.text
    assert f"{INBOX}{other.conversation_id}/" in said.text
    assert "load delay:10s" in said.text
    with working_in(kettle):
        row = Reply.objects.get()
        assert row.due_at - row.created_at == UNDO


def test_undo_gives_the_words_back(as_ada, as_bob, kettle, mention):
    answer(as_ada, mention, "It does, realy.")
    with working_in(kettle):
        row = Reply.objects.get()

    assert as_bob.post(f"{INBOX}replies/{row.pk}/undo/").status_code == 404  # it is not theirs
    said = as_ada.post(f"{INBOX}replies/{row.pk}/undo/", headers={"HX-Request": "true"})

    assert "It does, realy." in said.text
    with working_in(kettle):
        assert not Reply.objects.exists()
        assert Mention.objects.get().answered_at is None
    answer(as_ada, mention, "It does, really.")
    with working_in(kettle):
        Reply.objects.update(state="sent")
        row = Reply.objects.get()
    late = as_ada.post(f"{INBOX}replies/{row.pk}/undo/", headers={"HX-Request": "true"})
    assert late.status_code == 409
    with working_in(kettle):
        assert Reply.objects.get().state == "sent"


def test_after_closing_the_next_one_is_open(as_ada, kettle, mention):
    with working_in(kettle):
        other = make_mention("And the lid?", name="Greta Lind")

    htmx = as_ada.post(f"{INBOX}{mention.conversation_id}/close/", headers={"HX-Request": "true"})
    plain = as_ada.post(f"{INBOX}{other.conversation_id}/close/")

    assert htmx.headers["HX-Push-Url"].startswith(f"{INBOX}{other.conversation_id}/")
    assert f'data-pk="{other.conversation_id}"' in htmx.text
    assert plain.status_code == 302  # nobody else waits: its own page


@pytest.mark.parametrize(
    ("visibility", "offered", "absent"),
    [("direct", [], "Everyone"), ("followers", ["Followers", "Only who is named"], "Everyone")],
)
def test_wider_choices_are_absent(as_ada, kettle, visibility, offered, absent):
    with working_in(kettle):
        row = make_mention(connection=make_connection(callback_url="https://x.example/"), visibility=visibility)

    page = as_ada.get(f"{INBOX}{row.conversation_id}/").text

    box = page[page.index('class="reply"') :]
    assert re.findall(r"<option[^>]*>\s*(.*?)\s*</option>", box)[: len(offered)] == offered
    assert absent not in box
    assert f'class="audience {visibility}"' in page


def test_a_content_warning_stands_before_the_words(as_ada, kettle):
    with working_in(kettle):
        row = make_mention("It smells of metal.", warning="child, health")

    page = as_ada.get(f"{INBOX}{row.conversation_id}/").text

    assert "Content warning: child, health" in page  # in the list
    assert page.count("It smells of metal.") == 1
    assert page.index("<b>child, health</b>") < page.index("It smells of metal.")


def test_tags_are_one_word_however_written_and_found_again(as_ada, kettle, mention):
    where = f"{INBOX}{mention.conversation_id}/tag/"
    with working_in(kettle):
        other = make_mention("And the lid?")

    as_ada.post(where, {"name": "#Breakage"})
    as_ada.post(where, {"name": "breakage"})
    as_ada.post(f"{INBOX}{other.conversation_id}/tag/", {"name": "BREAKAGE"})
    refused = as_ada.post(where, {"name": " # "}, headers={"HX-Request": "true"})

    assert refused.status_code == 422
    with working_in(kettle):
        assert list(ConversationTag.objects.values_list("name", flat=True)) == ["Breakage", "Breakage"]
        tag = ConversationTag.objects.get(conversation=mention.conversation_id)
        for no in range(19):
            tag_conversation(mention.conversation, f"more {no}", by=tag_writer())
        with pytest.raises(NoTagError):
            tag_conversation(mention.conversation, "one too many", by=tag_writer())
    found = as_ada.get(f"{INBOX}?tag=breakAGE").text
    assert f"item-{mention.conversation_id}" in found
    assert f"item-{other.conversation_id}" in found
    as_ada.post(where, {"remove": tag.pk})
    assert f"item-{mention.conversation_id}" not in as_ada.get(f"{INBOX}?tag=breakage").text


def tag_writer():
    from workspaces.models import User

    return User.objects.order_by("pk").first()


def test_a_colleague_named_in_a_note_finds_it_until_they_saw_it(as_ada, as_bob, kettle, ada, bob, mention):
    with working_in(kettle):
        add_team_note(mention.conversation, f"@{bob.name} may I? @{ada.name}", by=ada)
        assert list(TeamNoteMention.objects.values_list("user_id", flat=True)) == [bob.pk]

    queue = as_bob.get(f"{INBOX}?queue=named").text
    as_ada.get(f"{INBOX}{mention.conversation_id}/")
    with working_in(kettle):
        assert TeamNoteMention.objects.get().seen_at is None
    as_bob.get(f"{INBOX}{mention.conversation_id}/")

    assert f"item-{mention.conversation_id}" in queue
    with working_in(kettle):
        assert TeamNoteMention.objects.get().seen_at is not None


def test_a_name_that_two_share_is_asked_about(as_ada, kettle, mention, bob):
    join(kettle, make_user("bob2@kettle.example", f"{bob.name.split()[0]} Other"), Role.MARKETER)
    said = as_ada.post(f"{INBOX}{mention.conversation_id}/note/", {"note-text": f"@{bob.name.split()[0]} please"})

    assert said.status_code == 422
    assert "names two members" in said.text
    with working_in(kettle):
        assert not TeamNoteMention.objects.exists()


def test_a_view_is_kept_for_oneself_or_the_team(as_ada, as_bob, kettle):
    as_ada.post(f"{INBOX}views/keep/?only=late&network=mastodon", {"name": "Late there"})
    as_ada.post(f"{INBOX}views/keep/?tag=seal", {"name": "Seals", "is_shared": "on"})
    refused = as_ada.post(f"{INBOX}views/keep/?tag=seal", {"name": ""}, follow=True)

    assert "Nothing was kept." in refused.text
    mine, theirs = as_ada.get(INBOX).text, as_bob.get(INBOX).text
    assert "Late there" in mine
    assert "Late there" not in theirs
    assert "Seals" in theirs
    with working_in(kettle):
        own = SavedView.objects.get(name="Late there")
    as_bob.post(f"{INBOX}views/{own.pk}/remove/")
    with working_in(kettle):
        assert SavedView.objects.count() == 2
    as_ada.post(f"{INBOX}views/{own.pk}/remove/")
    with working_in(kettle):
        assert SavedView.objects.get().name == "Seals"


def test_a_case_pauses_offers_and_a_promise_is_kept_or_broken(inside, ada):
    person = make_contact("Jonas")
    row = make_mention(connection=make_connection())
    row.author.contact = person
    row.author.save()
    talk, until = row.conversation, now() + timedelta(days=1)
    talk.author.refresh_from_db()

    case = open_case(talk, by=ada, what="Six cups broken", promise="Six cups", promised_by_id=ada.pk, due_at=until)

    person.refresh_from_db()
    assert person.complaint_since is not None
    assert promises_of(ada.pk) == [case]
    settle_promise(case, kept=False, by=ada)
    settle_promise(case, kept=True, by=ada)  # settled already
    case.refresh_from_db()
    assert (case.was_kept, case.kept_count, case.broken_count) == (False, 0, 1)
    assert promises_of(None) == []
    again = open_case(talk, by=ada, what="Six cups broken", promise="By courier", promised_by_id=ada.pk, due_at=until)
    assert (again.pk, again.was_kept) == (case.pk, None)
    settle_promise(again, kept=True, by=ada)
    with pytest.raises(BadCaseError):
        close_case(again, "", by=ada)
    close_case(again, "recovered", by=ada)
    close_case(again, "lost", by=ada)
    person.refresh_from_db()
    again.refresh_from_db()
    assert (person.complaint_since, again.outcome, again.kept_count, again.broken_count) == (None, "recovered", 1, 1)
    said = AuditEntry.objects.filter(action__startswith="case.").order_by("pk").values_list("action", flat=True)
    assert list(said) == ["case.opened", "case.promise_broken", "case.changed", "case.promise_kept", "case.closed"]


def test_a_complaint_that_is_resolved_closes_its_cases(inside, ada):
    person, row = make_contact("Jonas"), make_mention(connection=make_connection())
    row.author.contact = person
    row.author.save()
    open_case(row.conversation, by=ada, what="Six cups broken")

    talk = Conversation.objects.select_related("author__contact").get()
    resolve_complaint(talk, by=ada)

    assert (Case.objects.get().outcome, Case.objects.get().closed_at is None) == ("recovered", False)


def test_a_promise_says_by_whom_and_until_when(as_ada, kettle, mention, ada):
    where = f"{INBOX}{mention.conversation_id}/case/"
    until = (now() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    bad = [
        {"case-what": ""},
        {"case-what": "x", "case-promise": "y"},
        {"case-what": "x", "case-due_at": until},
        {"case-what": "x", "case-promise": "y", "case-due_at": until},
        {"case-what": "x", "case-promise": "y", "case-due_at": "2999-01-01T00:00", "case-promised_by": ada.pk},
        {"case-what": "x", "case-promise": "y", "case-due_at": until, "case-promised_by": 999999},
    ]

    for said in bad:
        assert as_ada.post(where, said, headers={"HX-Request": "true"}).status_code == 422
    with working_in(kettle):
        assert not Case.objects.exists()
    said = {"case-what": "x", "case-promise": "y", "case-due_at": until, "case-promised_by": ada.pk}
    page = as_ada.post(where, said, headers={"HX-Request": "true"})

    assert "<dd>y</dd>" in page.text
    assert "Paused while it is open" not in page.text  # a stranger gets no offers
    assert f"item-{mention.conversation_id}" in as_ada.get(f"{INBOX}?only=promises").text
    with working_in(kettle):
        case = Case.objects.get()
    as_ada.post(f"{INBOX}cases/{case.pk}/promise/", {"kept": "yes"})
    assert f"item-{mention.conversation_id}" not in as_ada.get(f"{INBOX}?only=promises").text
    as_ada.post(f"{INBOX}cases/{case.pk}/close/", {"outcome": "recovered"})
    with working_in(kettle):
        assert Case.objects.get().outcome == "recovered"


def test_home_lists_what_i_promised_and_who_named_me(as_ada, as_bob, kettle, ada, bob, mention):
    assert "My day" not in as_ada.get("/w/kettle/").text
    with working_in(kettle):
        add_team_note(mention.conversation, f"@{ada.name} please", by=bob)
        promise = {"promise": "Six cups by courier", "promised_by_id": ada.pk, "due_at": now() + timedelta(hours=3)}
        open_case(mention.conversation, by=bob, what="Broken", **promise)

    mine = as_ada.get("/w/kettle/").text

    assert "Six cups by courier" in mine
    assert "1 note in the inbox names you" in mine
    assert "Six cups by courier" not in as_bob.get("/w/kettle/").text


def test_my_day_holds_call_backs_and_what_comes_back_today_by_their_moment(as_ada, as_bob, kettle, ada, time_machine):
    morning = now().replace(hour=8, minute=0, second=0, microsecond=0)
    time_machine.move_to(morning, tick=False)
    with working_in(kettle):
        greta, calls = make_contact("Greta Lindqvist"), []
        for number, hours in enumerate((30, 2)):
            back = morning + timedelta(hours=hours)
            call = Call(f"t{number}", False, "talked", morning, note=f"Wish {number}", call_back_at=back)
            calls.append(log_call(greta, call, by=ada).wish)
        tonight, later = (make_mention(f"Lid {n}?", thread=f"l{n}", handle=f"l{n}@tea.example") for n in range(2))
        for row, hours in ((tonight, 5), (later, 50)):
            assign(row.conversation, ada, by=ada)
            snooze(row.conversation, morning + timedelta(hours=hours), by=ada)
        promise = {"promise": "Six cups", "promised_by_id": ada.pk, "due_at": morning + timedelta(hours=3)}
        open_case(later.conversation, by=ada, what="Broken", **promise)
    rows = [f"{calls[1].conversation_id}/", f"{later.conversation_id}/", f"{tonight.conversation_id}/"]
    rows.append(f"{calls[0].conversation_id}/")

    def my_day(client):
        page = client.get("/w/kettle/").text
        part = (
            page[page.index('id="my-day"') : page.index("</section>", page.index('id="my-day"'))]
            if "my-day" in page
            else ""
        )
        return [one.removeprefix(INBOX) for one in re.findall(rf'href="({INBOX}[0-9]+/)"', part)], part

    assert my_day(as_ada)[0] == rows
    assert "Call Greta Lindqvist back" in my_day(as_ada)[1]
    assert my_day(as_bob) == ([], "")

    time_machine.move_to(morning + timedelta(hours=2, minutes=1), tick=False)
    wake(kettle)
    assert my_day(as_ada)[0] == rows
    assert re.search(r"tone-bad\">\s*now\s*<", my_day(as_ada)[1])
    as_ada.post(f"{INBOX}{calls[1].conversation_id}/close/")
    assert my_day(as_ada)[0] == rows[1:]
