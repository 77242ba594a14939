"""Review and approval: somebody asks, somebody who may approves or sends it back with words. The engine knows nothing of it."""

from collections.abc import Iterable, Sequence

from django.db import transaction

from campaigns.checking.findings import Check
from campaigns.experiments.going_together import approve_versions
from campaigns.models import Campaign, CampaignReview
from delivery.engine import controlling
from delivery.engine.controlling import WrongStateError
from delivery.models import Message
from lib.clock import now
from workspaces.auditing import audit
from workspaces.current import current_workspace_id
from workspaces.models import Membership, Role, User
from workspaces.permissions import may

Verdict = CampaignReview.Verdict
APPROVERS = [role for role in Role.values if may(role, "campaigns.launch")]


def approvers(*, besides: int | None = None) -> list[User]:
    """Members who may approve, by name."""
    members = Membership.objects.filter(workspace=current_workspace_id(), role__in=APPROVERS).select_related("user")
    return [one.user for one in members.order_by("user__name", "user_id") if one.user_id != besides]


def open_review(campaign: Campaign) -> CampaignReview | None:
    """The question that waits for an answer, if there is one."""
    return CampaignReview.objects.filter(campaign=campaign, verdict=Verdict.OPEN).first()


def asked_about(campaigns: Iterable[Campaign]) -> set[int]:
    """Which of these drafts wait for approval. One query."""
    drafts = [one.pk for one in campaigns if one.message.state == Message.State.DRAFT]
    found = CampaignReview.objects.filter(verdict=Verdict.OPEN, campaign__in=drafts)
    return set(found.values_list("campaign_id", flat=True))


def waiting_reviews(user_id: int) -> Sequence[CampaignReview]:
    """What waits for this member's approval, oldest first: asked of them, or of whoever may, and not by themselves."""
    rows = CampaignReview.objects.filter(verdict=Verdict.OPEN, campaign__message__state=Message.State.DRAFT)
    rows = rows.filter(asked_of_id=user_id) | rows.filter(asked_of_id=None).exclude(asked_by_id=user_id)
    return list(rows.select_related("campaign__message", "campaign__segment").order_by("pk"))


@transaction.atomic
def ask_review(campaign: Campaign, *, by: User, of: User | None = None, note: str = "") -> CampaignReview:
    """A draft waits for approval from here on. Asking again changes whom, and the note. WrongStateError: it is no draft."""
    _check_draft(campaign)
    facts = {"asked_by_id": by.pk, "asked_of_id": of.pk if of else None, "note": note[:500], "asked_at": now()}
    review, _made = CampaignReview.objects.update_or_create(campaign=campaign, verdict=Verdict.OPEN, defaults=facts)
    audit("campaign.review_asked", by=by, target=campaign, of=of.pk if of else None)
    return review


@transaction.atomic
def send_back(campaign: Campaign, *, by: User, words: str) -> None:
    """The draft goes back to whoever asked, with what is to change. WrongStateError: nobody asked, or not any more."""
    _answer(campaign, Verdict.SENT_BACK, by, words)
    audit("campaign.sent_back", by=by, target=campaign)


@transaction.atomic
def withdraw_review(campaign: Campaign, *, by: User) -> None:
    """The question is taken back; the draft stays as it is. WrongStateError: nobody asked, or not any more."""
    _answer(campaign, Verdict.WITHDRAWN, by)
    audit("campaign.review_withdrawn", by=by, target=campaign)


@transaction.atomic
def approve_campaign(campaign: Campaign, check: Check, *, by: User, words: str = "") -> Message:
    """It is as it shall be, with all its versions: nobody edits it from here on, and what its pre-flight said is kept.

    WrongStateError. Whoever waited for it has the answer. BadTemplateError when it cannot be read.
    """
    message = controlling.approve(campaign.message, by=by)
    approve_versions(campaign, by=by)
    reasons = {one["code"]: one["count"] for one in check.reasons}
    told = {"at": now().isoformat(), "people": check.reachable, "reasons": reasons}
    campaign.expected = told if check.people else {}
    campaign.save(update_fields=["expected"])
    if open_review(campaign):
        _answer(campaign, Verdict.APPROVED, by, words)
    return message


def _answer(campaign: Campaign, verdict: str, by: User, words: str = "") -> None:
    open_ones = CampaignReview.objects.filter(campaign=campaign, verdict=Verdict.OPEN)
    facts = {"verdict": verdict, "answered_by_id": by.pk, "answered_at": now(), "words": words[:500]}
    if not open_ones.update(**facts):
        raise WrongStateError(campaign.message.get_state_display())


def _check_draft(campaign: Campaign) -> None:
    message = Message.objects.select_for_update(no_key=True).get(pk=campaign.message_id)
    if message.state != Message.State.DRAFT or campaign.variant_of_id:
        raise WrongStateError(message.get_state_display())
