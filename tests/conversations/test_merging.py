"""Two conversations become one and can be parted again: nothing is lost, nobody reads more, exactly what moved goes back."""

from contextlib import suppress
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conversations.answers.drafting import keep_draft
from conversations.answers.handing_over import send_due
from conversations.answers.replying import reply_to
from conversations.assigning import add_team_note, assign, close, mark_spam, reopen, snooze
from conversations.authors.parting import part_author
from conversations.cases import close_case, open_case
from conversations.inbox.tagging import tag_conversation
from conversations.mentions.following import follow
from conversations.mentions.listening import hear
from conversations.merges.merging import (
    UNDONE_FOR,
    CannotMergeError,
    CannotPartError,
    merge_conversations,
    suggest_merges,
    undo_merge,
)
from conversations.merges.threads import thread_on_network
from conversations.models import (
    AnswerDraft,
    Case,
    Conversation,
    ConversationMerge,
    ConversationTag,
    Forward,
    Mention,
    PublicAuthor,
    Reply,
    TeamNote,
    TeamNoteMention,
)
from conversations.personal_data import erase_conversations
from lib.clock import now
from tests.factories.contacts import make_contact
from tests.factories.social import heard, make_connection, make_mention
from workspaces.current import working_in

pytestmark = pytest.mark.django_db
State = Conversation.State
TOM = {"handle": "tom@tea.example", "name": "Tom Green"}
STANDING = (
    "state", "title", "thread", "author_id", "assignee_id", "assigned_at", "waiting_since", "due_at", "resolve_by",
    "snoozed_until", "closed_at", "reopened_at", "last_at",
)  # fmt: skip
PLACES = {
    Mention: ("conversation_id", "heard_in_id", "answered_at"),
    Reply: ("conversation_id", "mention_id", "state"),
    TeamNote: ("conversation_id", "text"),
    TeamNoteMention: ("conversation_id", "note_id"),
    ConversationTag: ("conversation_id", "name"),
    AnswerDraft: ("conversation_id", "user_id", "text", "visibility"),
    Case: ("conversation_id", "what", "closed_at"),
    Forward: ("conversation_id", "mention_id"),
    Conversation: STANDING,
}


class _UndoneError(Exception):
    """Ends the transaction of one example without a trace."""


@pytest.fixture
def two(kettle):
    """Two public threads of one person, by one connection."""
    with working_in(kettle):
        connection = make_connection()
        return [make_mention(f"Word {n}", connection=connection, thread=f"t{n}", **TOM) for n in (1, 2)]


def everything():
    return {model: list(model.objects.order_by("pk").values_list("pk", *columns)) for model, columns in PLACES.items()}


def talk(mention):
    return Conversation.objects.select_related("author").get(pk=mention.conversation_id)


def merged(first, second, by=None):
    """The second goes into the first."""
    return merge_conversations(talk(second), talk(first), by=by)


def in_it(model, conversation):
    return model.objects.filter(conversation=conversation).count()


def test_everything_of_the_one_stands_in_the_other_and_undo_gives_it_back(kettle, ada, two):
    first, second = two
    with working_in(kettle):
        lost = talk(second)
        reply_to(second, "It does.", by=None)
        add_team_note(lost, "Hers, @Ada", by=ada)
        tag_conversation(lost, "Lid", by=ada)
        tag_conversation(lost, "Spout", by=ada)
        tag_conversation(talk(first), "lid", by=ada)
        keep_draft(lost, "Dear Tom", by=ada)
        open_case(lost, by=ada, what="It broke")
        Forward.objects.create(conversation=lost, mention=second, key=uuid4(), address="legal@tea.example")
        before = everything()

        merge = merged(first, second, ada)

        here = talk(first)
        kinds = (Mention, Reply, TeamNote, AnswerDraft, Case, Forward)
        assert [in_it(one, here) for one in kinds] == [2, 1, 1, 1, 1, 1]
        assert sorted(ConversationTag.objects.filter(conversation=here).values_list("name", flat=True)) == [
            "Lid",
            "Spout",
        ]
        assert Conversation.objects.get(pk=lost.pk).state == State.MERGED
        assert merged_again(merge, ada).pk == merge.pk
        undo_merge(merge, by=ada)
        undo_merge(merge, by=ada)
        assert everything() == before


def merged_again(merge, by):
    return merge_conversations(merge.lost, merge.survivor, by=by)


DOINGS = st.lists(
    st.tuples(
        st.integers(0, 1),
        st.sampled_from(["word", "answer", "note", "tag", "draft", "close", "snooze", "reopen", "assign", "case"]),
        st.integers(0, 3),
    ),
    max_size=12,
)


@given(doings=DOINGS, later=st.integers(0, 2))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_undo_gives_back_the_same_rows_and_states(kettle, ada, two, doings, later):
    with suppress(_UndoneError), working_in(kettle):
        connection = two[0].connection
        for which, what, number in doings:
            act(two[which], what, number, ada, connection)
        before = everything()
        waited = [one.waiting_since for one in map(talk, two)]
        if Case.objects.filter(closed_at=None).count() > 1:
            with pytest.raises(CannotMergeError, match="two_cases"):
                merged(*two, ada)
            assert everything() == before
            raise _UndoneError
        merge = merged(*two, ada)

        assert not in_it(Mention, two[1].conversation)
        assert (talk(two[0]).waiting_since is None) == (waited == [None, None])
        assert in_it(Reply, merge.lost) == in_it(TeamNote, merge.lost) == in_it(Case, merge.lost) == 0
        came = [add_team_note(talk(two[0]), "later", by=ada).pk for _ in range(later)]
        undo_merge(merge, by=ada)
        TeamNote.objects.filter(pk__in=came, conversation=two[0].conversation).delete()

        assert everything() == before
        raise _UndoneError


def act(mention, what, number, ada, connection):
    row = talk(mention)
    match what:
        case "word":
            since = now() - timedelta(hours=number, minutes=1)
            hear(connection, [heard(f"More {number}", thread=row.thread, published_at=since, **TOM)])
        case "answer":
            reply_to(mention, f"Answer {number}", by=None, even_so=True)
        case "note":
            add_team_note(row, f"Note {number}", by=ada)
        case "tag":
            tag_conversation(row, f"tag {number}", by=ada)
        case "draft":
            keep_draft(row, f"Draft {number}", by=ada, visibility=["", "direct", "public", "unlisted"][number])
        case "close":
            close(row, by=ada)
        case "snooze":
            snooze(row, now() + timedelta(hours=number + 1), by=ada)
        case "reopen":
            reopen(row, by=ada)
        case "assign":
            assign(row, ada, by=ada)
        case "case":
            open_case(row, by=ada, what=f"Case {number}")


def test_what_comes_into_the_emptied_thread_comes_into_the_other_and_goes_back_with_it(kettle, two):
    first, second = two
    with working_in(kettle):
        merge = merged(first, second)
        [answer] = hear(second.connection, [heard("And?", thread="x", parent_id=second.remote_id, **TOM)]).new
        [same] = hear(second.connection, [heard("More", thread="t2", **TOM)]).new
        [other] = hear(second.connection, [heard("Here", thread="t1", **TOM)]).new

        places = Mention.objects.in_bulk([answer.pk, same.pk, other.pk])
        assert {one.conversation_id for one in places.values()} == {first.conversation_id}
        assert [thread_on_network(places[one.pk]) for one in (answer, same, other)] == ["t2", "t2", "t1"]
        reply = reply_to(Mention.objects.get(pk=same.pk), "It does.", by=None)
        assert reply.conversation_id == first.conversation_id
        undo_merge(merge, by=None)

        reply.refresh_from_db()
        where = dict(Mention.objects.values_list("pk", "conversation_id"))
        assert [where[one.pk] for one in (answer, same, second)] == [second.conversation_id] * 3
        assert [where[one.pk] for one in (other, first)] == [first.conversation_id] * 2
        assert reply.conversation_id == second.conversation_id


def test_of_three_each_can_be_parted_again(kettle, two):
    first, second = two
    with working_in(kettle):
        third = make_mention("Word 3", connection=first.connection, thread="t3", **TOM)
        before = everything()
        inner = merged(second, third)
        outer = merged(first, second)
        assert in_it(Mention, first.conversation) == 3
        with pytest.raises(CannotPartError, match="later"):
            undo_merge(inner, by=None)
        undo_merge(outer, by=None)
        assert in_it(Mention, second.conversation) == 2
        undo_merge(inner, by=None)
        assert everything() == before


@pytest.mark.parametrize("code", ["same", "other_person", "other_readers", "spam", "two_cases", "merged"])
def test_what_may_not_be_one_stays_two(kettle, ada, two, code):
    first, second = two
    with working_in(kettle):
        match code:
            case "same":
                second = first
            case "other_person":
                second = make_mention("Mine", connection=first.connection)
            case "other_readers":
                second = make_mention("Psst", connection=first.connection, thread="p", is_public=False, **TOM)
                assert talk(second).pk not in {one.pk for one in suggest_merges(talk(first))}
            case "spam":
                mark_spam(talk(second), by=ada)
            case "two_cases":
                open_case(talk(first), by=ada, what="One")
                open_case(talk(second), by=ada, what="Two")
            case "merged":
                third = make_mention("Word 3", connection=first.connection, thread="t3", **TOM)
                lost = talk(second)
                merged(third, second)
                before = everything()
                with pytest.raises(CannotMergeError, match=code):
                    merge_conversations(lost, talk(first), by=None)
                assert everything() == before
                return
        before = everything()

        with pytest.raises(CannotMergeError, match=code):
            merged(first, second)

        assert everything() == before


def test_one_case_is_closed_and_the_other_goes_along(kettle, ada, two):
    with working_in(kettle):
        close_case(open_case(talk(two[0]), by=ada, what="One"), "recovered", by=ada)
        case = open_case(talk(two[1]), by=ada, what="Two")
        merged(*two)
        case.refresh_from_db()
        assert (case.conversation_id, in_it(Case, two[0].conversation)) == (two[0].conversation_id, 2)


def test_whoever_waited_waits_since_then_and_what_was_closed_stays_closed(kettle, ada, two):
    first, second = two
    with working_in(kettle):
        Mention.objects.filter(pk=second.pk).update(
            published_at=now() - timedelta(days=9), received_at=now() - timedelta(days=9)
        )
        close(talk(second), by=ada)
        snooze(talk(first), now() + timedelta(hours=3), by=ada)
        since = talk(first).waiting_since

        merged(first, second)

        one = talk(first)
        assert (one.state, one.waiting_since) == (State.SNOOZED, since)


def test_an_answer_of_the_one_hides_nobody_who_waits_in_the_other(kettle, two):
    first, second = two
    with working_in(kettle):
        reply_to(second, "It does.", by=None)
        merged(first, second)
        assert talk(first).state == State.WAITING


def test_closed_together_they_are_closed_apart(kettle, ada, two):
    with working_in(kettle):
        merge = merged(*two, ada)
        close(talk(two[0]), by=ada)
        undo_merge(merge, by=ada)
        assert [talk(one).state for one in two] == [State.DONE, State.DONE]


def test_after_thirty_days_it_stays(kettle, two):
    with working_in(kettle):
        merge = merged(*two)
        ConversationMerge.objects.update(merged_at=now() - UNDONE_FOR)
        with pytest.raises(CannotPartError, match="too_late"):
            undo_merge(merge, by=None)


def test_two_drafts_of_a_member_are_one_for_nobody_more_to_read(kettle, ada, two):
    with working_in(kettle):
        keep_draft(talk(two[0]), "Dear Tom", by=ada)
        keep_draft(talk(two[1]), "for you alone", by=ada, visibility="direct")
        before = everything()
        merge = merged(*two, ada)
        row = AnswerDraft.objects.get(conversation=two[0].conversation)
        assert (row.text, row.visibility) == ("Dear Tom\n\nfor you alone", "direct")
        undo_merge(merge, by=ada)
        assert everything() == before


def test_two_accounts_of_a_contact_are_merged_and_stand_apart_once_one_is_not_theirs(kettle, ada):
    with working_in(kettle):
        one = make_mention("By this", connection=make_connection("One"), handle="a@x.example")
        other = make_mention("By that", connection=make_connection("Two"), handle="b@y.example")
        contact = make_contact("Tom Green")
        PublicAuthor.objects.update(contact=contact)
        assert [row.pk for row in suggest_merges(talk(one))] == [other.conversation_id]
        merged(one, other)

        part_author(Mention.objects.get(pk=other.pk).author, by=ada)

        assert [in_it(Mention, row.conversation) for row in (one, other)] == [1, 1]
        assert Conversation.objects.get(pk=other.conversation_id).state == State.WAITING


def test_an_answer_leaves_by_the_way_of_what_it_answers(kettle, monkeypatch):
    sent = []
    with working_in(kettle):
        one = make_mention("By this", connection=make_connection("One"), handle="a@x.example", thread="here")
        there = make_connection("Two", callback_url="https://answers.example/hook")
        other = make_mention("By that", connection=there, handle="b@y.example", thread="there")
        PublicAuthor.objects.update(contact=make_contact("Tom Green"))
        merged(one, other)
        reply_to(Mention.objects.get(pk=other.pk), "It does.", by=None)
    from social.networks.webhook import Webhook

    monkeypatch.setattr(Webhook, "reply", lambda self, row: sent.append((self.connection.name, row)) or "id-1")
    send_due(kettle)

    [(name, row)] = sent
    assert (name, row.thread, row.handle) == ("Two", "there", "b@y.example")
    with working_in(kettle):
        assert Reply.objects.get().state == Reply.State.SENT


def test_an_answer_begun_before_the_merge_stands_where_its_message_is(kettle, two):
    with working_in(kettle):
        stale = Mention.objects.select_related("author__contact", "connection").get(pk=two[1].pk)
        merged(*two)
        reply = reply_to(stale, "It does.", by=None, key=uuid4())
        assert reply.conversation_id == two[0].conversation_id


def test_what_was_deleted_leaves_the_title_of_the_emptied_one_too(kettle, two):
    with working_in(kettle):
        lost = two[1].conversation_id
        merged(*two)
        item = heard("", remote_id=two[1].remote_id, thread="t2", is_deleted=True, **TOM)
        hear(two[1].connection, [item])
        assert Conversation.objects.get(pk=lost).title == ""
        assert not follow(Mention.objects.get(pk=two[1].pk), item)


def test_who_is_erased_is_named_in_neither(kettle, two):
    with working_in(kettle):
        contact = make_contact("Tom Green")
        PublicAuthor.objects.update(contact=contact)
        lost = two[1].conversation_id
        merge = merged(*two)
        erase_conversations([contact.pk])
        assert set(Mention.objects.values_list("text", flat=True)) == {""}
        undo_merge(merge, by=None)
        row = Conversation.objects.get(pk=lost)
        assert (row.title, row.thread) == ("", f"erased-{lost}")


def test_many_of_a_merged_thread_cost_what_one_costs(kettle, two):
    with working_in(kettle):
        merged(*two)
        costs = []
        for n in (1, 20):
            items = [heard(f"More {n} {i}", thread="t2", **TOM) for i in range(n)]
            with CaptureQueriesContext(database) as asked:
                hear(two[1].connection, items)
            costs.append(len(asked))
        assert costs[0] == costs[1]


# --- pages and machines
INBOX = "/w/kettle/inbox/"


def test_the_page_offers_the_others_merges_and_undoes(as_ada, kettle, two):
    first, second = two
    where = f"{INBOX}{first.conversation_id}/merge/"
    assert where in as_ada.get(f"{INBOX}{first.conversation_id}/").text
    assert "Word 2" in as_ada.get(where).text

    done = as_ada.post(where, {"other": second.conversation_id}, follow=True)

    assert "Word 1" in done.text
    assert "Word 2" in done.text
    old = as_ada.get(f"{INBOX}{second.conversation_id}/?queue=done")
    assert (old.status_code, old.url) == (302, f"{INBOX}{first.conversation_id}/?queue=done")
    for queue in ("waiting", "done", "snoozed"):
        assert f"item-{second.conversation_id}" not in as_ada.get(f"{INBOX}?queue={queue}").text
    as_ada.post(f"{INBOX}{second.conversation_id}/note/", {"note-text": "By the old page"})
    with working_in(kettle):
        assert TeamNote.objects.get().conversation_id == first.conversation_id
        merge = ConversationMerge.objects.get()
    assert f"{INBOX}merges/{merge.pk}/undo/" in as_ada.get(where).text
    assert as_ada.post(f"{INBOX}merges/{merge.pk}/undo/").status_code == 302
    assert as_ada.get(f"{INBOX}{second.conversation_id}/").status_code == 200


def test_a_page_that_cannot_merge_says_why_and_strangers_see_none(as_ada, as_eve, member, kettle, two):
    where = f"{INBOX}{two[0].conversation_id}/merge/"
    same = as_ada.post(where, {"other": two[0].conversation_id})
    assert (same.status_code, "with itself" in same.text) == (422, True)
    for wrong in ("", "x", "99999999999999999999", "0"):
        assert as_ada.post(where, {"other": wrong}).status_code == 404
    assert as_eve.get(where).status_code == 404
    assert member("analyst").get(where).status_code == 403


def test_a_machine_merges_and_undoes(kettle, two):
    from tests.machines import machine_of

    machine, first, second = machine_of(kettle), two[0].conversation_id, two[1].conversation_id
    made = machine.post(f"/conversations/{first}/merges", {"other": second})
    assert (made.status_code, made.json()["emptied"]) == (201, second)
    assert machine.post(f"/conversations/{first}/merges", {"other": second}).json()["id"] == made.json()["id"]
    assert machine.get(f"/conversations/{second}").json()["id"] == first
    assert [one["id"] for one in machine.get("/conversations").json()["items"]] == [first]
    assert machine.post(f"/conversations/{first}/merges", {"other": first}).json()["code"] == "same"
    assert machine.post(f"/conversations/{first}/merges", {"other": 99_999}).status_code == 422
    assert machine.patch(f"/conversations/{first}", {"state": "merged"}).status_code == 422
    assert machine.delete(f"/conversations/{first}/merges/{made.json()['id']}").status_code == 204
    assert machine.get(f"/conversations/{second}").json()["id"] == second
    assert machine.delete(f"/conversations/{second}/merges/{made.json()['id']}").status_code == 404


def test_joined_drafts_ask_for_no_approval_that_nobody_asked_for(kettle, ada, two):
    with working_in(kettle):
        for mention, text in zip(two, ("Dear Tom", "and this"), strict=True):
            keep_draft(talk(mention), text, by=ada)
        AnswerDraft.objects.filter(conversation=two[0].conversation).update(asked_at=now())

        merged(*two, ada)

        assert AnswerDraft.objects.get(conversation=two[0].conversation).asked_at is None


def test_a_joined_answer_that_was_written_on_keeps_its_words_and_who_reads_it(kettle, ada, two):
    with working_in(kettle):
        keep_draft(talk(two[0]), "Dear Tom", by=ada)
        keep_draft(talk(two[1]), "for you alone", by=ada, visibility="direct")
        merge = merged(*two, ada)
        AnswerDraft.objects.filter(conversation=two[0].conversation).update(text="All anew")

        undo_merge(merge, by=ada)

        kept = AnswerDraft.objects.get(conversation=two[0].conversation)
        assert (kept.text, kept.visibility) == ("All anew", "direct")


def test_whoever_has_the_one_that_stays_has_both(two, kettle, ada, bob):
    with working_in(kettle):
        for mention, user in zip(two, (ada, bob), strict=True):
            Conversation.objects.filter(pk=mention.conversation_id).update(assignee_id=user.pk, assigned_at=now())

        merged(*two, ada)

        assert Conversation.objects.get(pk=two[0].conversation_id).assignee_id == ada.pk
