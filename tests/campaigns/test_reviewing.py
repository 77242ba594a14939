"""Review and approval by role: who may not approve asks; who may approves or sends back with words."""

import pytest

from campaigns.models import Campaign, CampaignReview
from campaigns.reviewing import ask_review, withdraw_review
from consent.models import Suppression
from consent.suppressing import suppress
from contacts.models import Contact
from delivery.engine.controlling import WrongStateError, approve
from delivery.models import Message
from tests.factories.campaigns import again
from workspaces.current import working_in
from workspaces.models import AuditEntry, Role, User

C = "/w/kettle/campaigns/"


@pytest.fixture
def editor(member):
    return member(Role.EDITOR)


def state(kettle) -> str:
    with working_in(kettle):
        return Message.objects.get().state


def test_an_editor_writes_and_may_not_approve_or_send(editor, kettle, ready):
    here = f"{C}{ready.pk}/"
    page = editor.get(here).text

    assert f"{here}set/words/" in page
    assert f"{here}approve/" not in page
    for step in ("approve", "schedule", "cancel"):
        assert editor.post(f"{here}{step}/").status_code == 403
    assert "Ask Ada Berg to approve" in " ".join(page.split())
    assert state(kettle) == "draft"


def test_asked_sent_back_asked_again_and_approved(as_ada, editor, kettle, ready):
    here = f"{C}{ready.pk}/"
    editor.post(f"{here}review/", {"of": "", "note": "Is the date right?"})
    home = as_ada.get("/w/kettle/").text
    assert ("Waits for your approval" in home, "Is the date right?" in home) == (True, True)
    assert "In review" in as_ada.get(f"{C}?state=review").text

    as_ada.post(f"{here}review/send-back/", {"words": "It is the 6th."})

    page = editor.get(here).text
    assert ("sent it back" in page, "It is the 6th." in page) == (True, True)
    assert "Waits for your approval" not in as_ada.get("/w/kettle/").text
    editor.post(f"{here}review/", {"note": "Now it is."})
    assert "Approved" in as_ada.post(f"{here}approve/", {"words": "Lovely."}, follow=True).text
    with working_in(kettle):
        verdicts = CampaignReview.objects.order_by("pk").values_list("verdict", "words")
        assert list(verdicts) == [("sent_back", "It is the 6th."), ("approved", "Lovely.")]
        actions = (
            AuditEntry.objects.filter(action__startswith="campaign.").order_by("pk").values_list("action", flat=True)
        )
        assert list(actions) == ["campaign.review_asked", "campaign.sent_back", "campaign.review_asked"]
        assert AuditEntry.objects.filter(action="message.approved").count() == 1
    assert "Ada Berg approved it" in " ".join(as_ada.get(here).text.split())


def test_sending_back_needs_words(as_ada, editor, kettle, ready):
    editor.post(f"{C}{ready.pk}/review/")

    said = as_ada.post(f"{C}{ready.pk}/review/send-back/", {"words": " "}, follow=True).text

    assert "Say what is to change" in said
    with working_in(kettle):
        assert CampaignReview.objects.get().verdict == ""


def test_only_whom_was_asked_sees_it_on_home(as_ada, bob, client, editor, member, kettle, ready):
    other = member(Role.ADMIN)
    editor.post(f"{C}{ready.pk}/review/", {"of": User.objects.get(email="admin@kettle.example").pk})

    assert "Waits for your approval" in other.get("/w/kettle/").text
    assert "Waits for your approval" not in as_ada.get("/w/kettle/").text


def test_asking_again_changes_the_question_and_withdrawing_ends_it(editor, kettle, ready, ada):
    here = f"{C}{ready.pk}/"
    editor.post(f"{here}review/", {"note": "First"})
    editor.post(f"{here}review/", {"note": "Second", "of": ada.pk})
    with working_in(kettle):
        assert list(CampaignReview.objects.values_list("note", "asked_of_id")) == [("Second", ada.pk)]

    editor.post(f"{here}review/withdraw/")

    assert "does not fit any more" in editor.post(f"{here}review/withdraw/", follow=True).text
    with working_in(kettle):
        assert CampaignReview.objects.get().verdict == "withdrawn"


def test_what_is_no_draft_any_more_is_not_asked_about(inside, ready, ada):
    approve(ready.message, by=None)

    with pytest.raises(WrongStateError):
        ask_review(again(ready), by=ada)
    with pytest.raises(WrongStateError):
        withdraw_review(again(ready), by=ada)


def test_in_a_workspace_of_one_approval_is_ones_own_and_logged(as_ada, kettle, ready, ada):
    assert "You may approve it yourself" in as_ada.get(f"{C}{ready.pk}/").text

    as_ada.post(f"{C}{ready.pk}/approve/")

    with working_in(kettle):
        assert Campaign.objects.get().message.approved_by_id == ada.pk
        assert AuditEntry.objects.filter(action="message.approved", actor_id=ada.pk).exists()


def test_what_changed_since_approval_is_said_with_its_cause(as_ada, kettle, ready):
    here = f"{C}{ready.pk}/"
    as_ada.post(f"{here}approve/")
    assert "when it was approved" not in as_ada.get(here).text
    with working_in(kettle):
        suppress(Contact.objects.exclude(email="").first().email, reason=Suppression.Reason.OBJECTION)

    page = as_ada.get(here)

    assert page.context["changes"]["more"] == -1
    assert [count for _text, count in page.context["changes"]["causes"]] == [1]
    assert "1 fewer than" in " ".join(page.text.split())
