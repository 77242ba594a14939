from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from contacts.merging import link_contacts, unlink_contact
from contacts.models import Audience, AudienceRole, Identity
from conversations.assigning import (
    NotAMemberError,
    assign,
    close,
    hold_complaint,
    mark_spam,
    reopen,
    resolve_complaint,
    snooze,
    take,
)
from conversations.classifying import correct_sentiment
from conversations.models import Conversation, PublicAuthor
from conversations.tasks import wake
from tests.factories.contacts import make_contact
from tests.factories.social import make_mention, make_vouching
from touchpoints.kinds import KINDS
from touchpoints.models import Correction, Touchpoint
from workspaces.current import working_in
from workspaces.models import Membership


@pytest.fixture
def conversation(inside):
    return make_mention(handle="tom@tea.example", thread="t").conversation


def again(thread="t"):
    return make_mention("And another thing?", handle="tom@tea.example", thread=thread).conversation


def states(conversation):
    conversation.refresh_from_db()
    return conversation.state


def test_taking_and_giving(conversation, ada, bob):
    take(conversation, by=ada)
    assert conversation.assignee_id == ada.pk
    assign(conversation, bob, by=ada)
    assert conversation.assignee_id == bob.pk
    assign(conversation, None, by=ada)
    assert conversation.assignee_id is None


def test_a_stranger_is_given_nothing(conversation, ada, eve):
    with pytest.raises(NotAMemberError):
        assign(conversation, eve, by=ada)


def test_done_stays_done_until_they_write_again(conversation, ada):
    close(conversation, by=ada)
    assert states(conversation) == "done"
    again()
    assert states(conversation) == "waiting"


def test_a_snooze_ends_by_itself_or_when_they_write(conversation, ada, kettle):
    snooze(conversation, timezone.now() + timedelta(hours=2), by=ada)
    assert states(conversation) == "snoozed"
    again()
    assert states(conversation) == "waiting"


@pytest.mark.django_db
def test_a_snooze_that_is_over_comes_back(kettle, ada):
    with working_in(kettle):
        conversation = make_mention().conversation
        snooze(conversation, timezone.now() + timedelta(hours=2), by=ada)
    with time_machine.travel(timezone.now() + timedelta(hours=2, minutes=1)):
        wake(kettle)
    with working_in(kettle):
        assert states(conversation) == "waiting"


def test_what_becomes_late_moves_up(kettle, ada):
    monday = timezone.datetime(2026, 11, 16, 9, 30, tzinfo=timezone.get_current_timezone())
    with time_machine.travel(monday), working_in(kettle):
        conversation = make_mention().conversation
        before = conversation.priority
        conversation.refresh_from_db()
        before = conversation.priority
    with time_machine.travel(monday + timedelta(hours=5)):
        wake(kettle)
    with working_in(kettle):
        conversation.refresh_from_db()
        assert (conversation.priority - before, conversation.priority_why[0][0]) == (13, "late")
        with time_machine.travel(monday + timedelta(hours=8, minutes=10)):
            wake(kettle)
        with working_in(kettle):
            conversation.refresh_from_db()
            assert conversation.priority - before == 16  # each hour weighs one point more


def test_reopened_waits_again(conversation, ada):
    close(conversation, by=ada)
    reopen(conversation, by=ada)
    assert states(conversation) == "waiting"


def test_spam_stays_away(conversation, ada):
    mark_spam(conversation, by=ada)
    again()
    assert states(conversation) == "spam"


def test_a_complaint_pauses_and_its_resolution_is_told(inside, vouching, ada):
    jonas = make_contact("Jonas")
    Identity.objects.create(contact=jonas, kind=4, value="jonas@werkbank.example")
    conversation = make_mention("Hm, the lid", connection=make_vouching(), handle="jonas@werkbank.example").conversation

    hold_complaint(conversation, by=ada)
    jonas.refresh_from_db()
    assert (jonas.complaint_since is None, AudienceRole.objects.get(contact=jonas).role) == (False, 5)

    conversation = Conversation.objects.select_related("author__contact").get(pk=conversation.pk)
    resolve_complaint(conversation, by=ada)
    jonas.refresh_from_db()
    assert jonas.complaint_since is None
    assert Touchpoint.objects.filter(kind=KINDS["resolved"].code).count() == 1


def test_a_person_is_right_about_the_feeling_and_the_scores_follow(inside, vouching, ada):
    greta = make_contact("Greta")
    Identity.objects.create(contact=greta, kind=4, value="greta@tea.example")
    mention = make_mention("Oh great, another cracked lid", connection=make_vouching(), handle="greta@tea.example")

    correct_sentiment(mention, "neg", by=ada)

    mention.refresh_from_db()
    assert (mention.sentiment, mention.engine, mention.confidence_milli) == ("neg", "person", 1000)
    assert (Correction.objects.get().value, Correction.objects.get().by_id) == (-600, ada.pk)


def test_two_contacts_that_are_one_person_are_weighed_as_one(conversation):
    tom, thomas = make_contact("Tom"), make_contact("Thomas")
    PublicAuthor.objects.filter(pk=conversation.author_id).update(contact=tom)
    AudienceRole.objects.create(contact=thomas, role=Audience.INFLUENCER, source="by hand")

    link_contacts(tom.pk, thomas.pk)
    conversation.refresh_from_db()
    assert "influencer" in [line[0] for line in conversation.priority_why]

    unlink_contact(tom.pk)
    conversation.refresh_from_db()
    assert "influencer" not in [line[0] for line in conversation.priority_why]


@pytest.mark.parametrize(("act", "is_kept"), [("remove", False), ("analyst", False), ("community", True)])
def test_who_may_no_longer_answer_gives_their_conversations_back(as_ada, kettle, bob, act, is_kept):
    with working_in(kettle):
        conversation = make_mention().conversation
        take(conversation, by=bob)
    member = Membership.objects.get(workspace=kettle, user=bob).pk
    path = f"/w/kettle/settings/members/{member}/"

    if act == "remove":
        as_ada.post(f"{path}remove/")
    else:
        as_ada.post(f"{path}role/", {"role": act})

    with working_in(kettle):
        assert Conversation.objects.get().assignee_id == (bob.pk if is_kept else None)
    assert ("Does the spout fit" in as_ada.get("/w/kettle/inbox/?queue=unassigned").text) is not is_kept
