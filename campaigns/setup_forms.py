"""The set-up page's small forms: one for each part of a campaign that can be changed in place."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.forms import CHOSEN, readable_line, usual_sender
from campaigns.models import Campaign, Programme
from consent.models import Topic
from contacts.channels import Channel
from delivery.models import Content, Message, Sender
from delivery.senders import channel_of
from lib.clock import now
from lib.times.moment_fields import MomentField
from lib.written_meanwhile import MeanwhileForm
from segments.models import Segment


class PartForm(MeanwhileForm):
    """A part of a campaign: its cleaned data are the facts that `compose` takes."""

    part: ClassVar[str]

    def __init__(
        self, campaign: Campaign, data: Mapping[str, Any] | None = None, *, user_id: int | None = None
    ) -> None:
        self.campaign = campaign
        super().__init__(data, initial=self.facts_of(campaign), auto_id=f"{self.part}-%s")
        self.offer(user_id)

    def offer(self, user_id: int | None) -> None:
        """What there is to choose from."""

    def facts_of(self, campaign: Campaign) -> dict[str, Any]:
        """What the campaign says now."""
        raise NotImplementedError


class NameForm(PartForm):
    part = "name"
    name = forms.CharField(label=_("Name"), max_length=120)

    def facts_of(self, campaign: Campaign) -> dict[str, Any]:
        return {"name": campaign.message.name}


class WordsForm(PartForm):
    part = "words"
    subject = forms.CharField(label=_("Subject"), max_length=200)
    preheader = forms.CharField(label=_("Preview line"), max_length=200, required=False)

    def facts_of(self, campaign: Campaign) -> dict[str, Any]:
        return {"subject": campaign.message.content.subject, "preheader": campaign.message.content.preheader}

    def clean_subject(self) -> str:
        return readable_line(self.cleaned_data["subject"])


class SegmentForm(PartForm):
    part = "segment"
    segment = forms.ModelChoiceField(Segment.objects.none(), label=_("Goes to"), empty_label=_("Choose a segment"))

    def facts_of(self, campaign: Campaign) -> dict[str, Any]:
        return {"segment": campaign.segment_id}

    def offer(self, user_id: int | None) -> None:
        mine = Segment.objects.filter(is_private=False) | Segment.objects.filter(owner_id=user_id)
        self.fields["segment"].queryset = mine.order_by("name")  # type: ignore[attr-defined]


class SenderForm(PartForm):
    part = "sender"
    sender = forms.ModelChoiceField(Sender.objects.none(), label=_("Sender"), empty_label=_("Choose a sender"))

    def facts_of(self, campaign: Campaign) -> dict[str, Any]:
        return {"sender": campaign.message.sender_id or usual_sender()}

    def offer(self, user_id: int | None) -> None:
        self.fields["sender"].queryset = Sender.objects.order_by("name", "pk")  # type: ignore[attr-defined]

    def clean_sender(self) -> Sender:
        """Blocks are emails; an email of blocks becomes no text by itself."""
        sender: Sender = self.cleaned_data["sender"]
        content = self.campaign.message.content
        if content.body_format == Content.Format.BLOCKS and channel_of(sender) != Channel.EMAIL:
            if content.blocks:
                raise forms.ValidationError(_("This email is made of blocks. Choose a sender of emails."))
            self.to_hand = True
        return sender

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        return said | ({"body_format": Content.Format.MARKDOWN} if getattr(self, "to_hand", False) else {})


class TopicForm(PartForm):
    part = "topic"
    purpose = forms.ChoiceField(label=_("Kind of message"), choices=CHOSEN)
    topic = forms.ModelChoiceField(Topic.objects.none(), label=_("Topic"), required=False, empty_label=_("No topic"))

    def facts_of(self, campaign: Campaign) -> dict[str, Any]:
        return {"purpose": campaign.message.purpose, "topic": campaign.message.topic_id}

    def offer(self, user_id: int | None) -> None:
        self.fields["topic"].queryset = Topic.objects.all()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if said.get("purpose") == Message.Purpose.SUBSCRIBED and said.get("topic") is None:
            self.add_error("topic", _("A newsletter needs its topic."))
        return said


class ProgrammeForm(PartForm):
    part = "programme"
    programme = forms.ModelChoiceField(
        Programme.objects.none(), label=_("Programme"), required=False, empty_label=_("None")
    )

    def facts_of(self, campaign: Campaign) -> dict[str, Any]:
        return {"programme": campaign.programme_id}

    def offer(self, user_id: int | None) -> None:
        self.fields["programme"].queryset = Programme.objects.all()  # type: ignore[attr-defined]


class HoldoutForm(PartForm):
    part = "holdout"
    USUAL = (20, 10, 5, 0)
    holdout_percent = forms.TypedChoiceField(label=_("Holdout (control group), in %"), coerce=int)

    def facts_of(self, campaign: Campaign) -> dict[str, Any]:
        return {"holdout_percent": campaign.holdout_percent}

    def offer(self, user_id: int | None) -> None:
        shares = sorted({*self.USUAL, self.campaign.holdout_percent}, reverse=True)
        self.fields["holdout_percent"].choices = [(one, str(one)) for one in shares]  # type: ignore[attr-defined]


class LinksForm(PartForm):
    part = "links"
    adds_utm = forms.BooleanField(
        label=_("Add utm parameters to its links"), required=False,
        help_text=_("Your website’s statistics see then who comes from it. What a link has already stays."),
    )  # fmt: skip

    def facts_of(self, campaign: Campaign) -> dict[str, Any]:
        return {"adds_utm": campaign.adds_utm}


class MomentForm(PartForm):
    part = "when"
    intended_at = MomentField(
        label=_("Meant to go out"),
        required=False,
        help_text=_("Stands in the calendar. Nothing goes out by it: whoever approves sends it."),
    )

    def facts_of(self, campaign: Campaign) -> dict[str, Any]:
        return {"intended_at": campaign.intended_at}

    def clean_intended_at(self) -> datetime | None:
        at: datetime | None = self.cleaned_data["intended_at"]
        if at and at < now() - timedelta(minutes=1):
            raise forms.ValidationError(_("This moment has gone by."))
        return at


PARTS: dict[str, type[PartForm]] = {
    one.part: one
    for one in (
        NameForm,
        WordsForm,
        SegmentForm,
        SenderForm,
        TopicForm,
        ProgrammeForm,
        HoldoutForm,
        LinksForm,
        MomentForm,
    )
}


class NewCampaignForm(forms.Form):
    """What a new campaign begins with: a name and a kind; the rest is asked on its page."""

    name = forms.CharField(label=_("Name"), max_length=120, help_text=_("Only your team sees it."))
    purpose = forms.ChoiceField(
        label=_("Kind of message"), choices=CHOSEN, initial=Message.Purpose.SUBSCRIBED, widget=forms.RadioSelect
    )
    programme = forms.ModelChoiceField(Programme.objects.none(), required=False, widget=forms.HiddenInput)
    segment = forms.ModelChoiceField(Segment.objects.none(), required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, user_id: int | None = None, **more: Any) -> None:
        super().__init__(*args, **more)
        mine = Segment.objects.filter(is_private=False) | Segment.objects.filter(owner_id=user_id)
        self.fields["segment"].queryset = mine  # type: ignore[attr-defined]
        self.fields["programme"].queryset = Programme.objects.all()  # type: ignore[attr-defined]

    def facts(self) -> dict[str, Any]:
        """What is settled at once: what was said, the usual sender, and the topic where only one fits."""
        said = self.cleaned_data
        sender = Sender.objects.filter(pk=usual_sender() or 0).first()
        is_email = sender is None or channel_of(sender) == Channel.EMAIL
        made_of = Content.Format.BLOCKS if is_email else Content.Format.MARKDOWN
        return {**said, "sender": sender, "topic": self._topic(), "body_format": made_of, "adds_utm": True}

    def _topic(self) -> Topic | None:
        programme: Programme | None = self.cleaned_data["programme"]
        if programme and programme.topic:
            return programme.topic
        topics = list(Topic.objects.all()[:2])
        return topics[0] if len(topics) == 1 else None
