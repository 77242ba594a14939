"""What the editor of blocks has open: a campaign's email, or what is being written of a transactional email."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.http import Http404
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign
from delivery.models import Message, TransactionalTemplate
from segments.models import Segment

RELATED = ("message__content", "message__sender", "message__topic", "programme", "segment")
CAMPAIGN, TEMPLATE = "campaign", "template"


@dataclass(frozen=True, slots=True)
class EditedEmail:
    """An email in the editor. `segment`: whom it goes to, None where nobody chose or one person gets it at a time.

    `where` is the editor's address, under which its parts lie; `back` the page it belongs to, `onward` the words on the
    button that leads there; `by_hand` where it is written without blocks, `begin` where it is asked how to begin, `test`
    where a test is sent from; `above` are the pages above it; `template`: the
    transactional email that it is being written for.
    """

    pk: int
    message: Message
    segment: Segment | None
    where: str
    back: str
    by_hand: str
    begin: str
    test: str
    onward: str | Promise
    above: tuple[str, str | Promise]
    template: TransactionalTemplate | None = None

    @property
    def name(self) -> str:
        """The message's."""
        return self.message.name

    @property
    def place(self) -> str:
        """Where those are who have it open (workspaces/presence.py)."""
        return f"email:{self.message.pk}"


def of_campaign(campaign: Campaign) -> EditedEmail:
    """A campaign's email."""
    pk = campaign.pk
    return EditedEmail(
        pk,
        campaign.message,
        campaign.segment,
        where=reverse("campaigns:email", args=[pk]),
        back=reverse("campaigns:page", args=[pk]),
        by_hand=reverse("campaigns:edit", args=[pk]),
        begin=reverse("campaigns:begin", args=[pk]),
        test=reverse("campaigns:test", args=[pk]),
        onward=_("Go on to sending"),
        above=(reverse("campaigns:list"), _("Campaigns")),
    )


def of_template(template: TransactionalTemplate) -> EditedEmail:
    """What is being written of a transactional email; what goes out stays as it is until somebody approves."""
    pk, back = template.pk, reverse("templates:page", args=[template.pk])
    return EditedEmail(
        pk,
        template.draft,
        None,
        where=reverse("template_emails:email", args=[pk]),
        back=back,
        by_hand=reverse("templates:edit", args=[pk]),
        begin=back,  # where a button begins it
        test=reverse("templates:test", args=[pk]),
        onward=_("Go on to approving"),
        above=(reverse("templates:list"), _("Transactional emails")),
        template=template,
    )


def edited_email(pk: int, of: str) -> EditedEmail:
    """The one of this number. Http404."""
    return FOUND[of](pk)


def _campaign(pk: int) -> EditedEmail:
    found = Campaign.objects.select_related(*RELATED).filter(pk=pk).first()
    if found is None:
        raise Http404
    return of_campaign(found)


def _template(pk: int) -> EditedEmail:
    rows = TransactionalTemplate.objects.select_related("draft__content", "draft__sender", "draft__topic")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return of_template(found)


FOUND: Mapping[str, Callable[[int], EditedEmail]] = {CAMPAIGN: _campaign, TEMPLATE: _template}
