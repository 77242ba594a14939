"""Forms of this room."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign, Programme
from consent.models import Topic
from contacts.channels import Channel
from delivery.content.liquid import BadTemplateError, parse
from delivery.content.mime import BadHeaderError, encode_words
from delivery.engine.timing import LONGEST_SPREAD_HOURS
from delivery.models import Content, Message, Sender
from delivery.senders import channel_of
from lib.clock import now
from lib.times.moment_fields import MomentField
from lib.times.wall_clock import comes_twice, is_skipped, said_of_skipped, said_of_twice
from lib.written_meanwhile import MeanwhileForm
from segments.models import Segment

# what a draft may lack and an email that goes out may not (checking.py blocks it): never called optional
NEEDED = ("segment", "sender", "subject", "body")


def usual_sender() -> int | None:
    """The sender of the newest message that has one, else the first: whoever writes need not know any."""
    last = Message.objects.exclude(sender=None).order_by("-pk").values_list("sender_id", flat=True).first()
    return last or Sender.objects.order_by("pk").values_list("pk", flat=True).first()


# A confirmation is written by the form that people sign up with.
NEVER_CHOSEN = {Message.Purpose.CONFIRMATION, Message.Purpose.PERSONAL, Message.Purpose.ANSWER}
CHOSEN = [one for one in Message.Purpose.choices if one[0] not in NEVER_CHOSEN]


def readable_line(subject: str) -> str:
    """A subject that can be read and stands in one line. ValidationError."""
    try:
        parse(subject, escapes=False)
        encode_words(subject)
    except (BadTemplateError, BadHeaderError) as error:
        raise forms.ValidationError(str(error)) from error
    return subject


class CampaignForm(MeanwhileForm):
    """A campaign with its message: what it says, who gets it, by which sender."""

    name = forms.CharField(label=_("Name"), max_length=120)
    programme = forms.ModelChoiceField(Programme.objects.none(), label=_("Programme"), required=False)
    segment = forms.ModelChoiceField(Segment.objects.none(), label=_("Goes to"), required=False)
    purpose = forms.ChoiceField(label=_("Kind of message"), choices=CHOSEN, initial=Message.Purpose.SUBSCRIBED)
    topic = forms.ModelChoiceField(Topic.objects.none(), label=_("Topic"), required=False)
    sender = forms.ModelChoiceField(Sender.objects.none(), label=_("Sender"), required=False)
    holdout_percent = forms.IntegerField(
        label=_("Holdout (control group), in %"), min_value=0, max_value=50, initial=0,
        help_text=_("Only from offers. Under 5,000 people a comparison proves little."),
    )  # fmt: skip
    adds_utm = forms.BooleanField(
        label=_("Add utm parameters to its links"), required=False, initial=True,
        help_text=_("Your website’s statistics see then who comes from it. What a link has already stays."),
    )  # fmt: skip
    subject = forms.CharField(label=_("Subject"), max_length=200, required=False)
    preheader = forms.CharField(label=_("Preview line"), max_length=200, required=False)
    body_format = forms.ChoiceField(
        label=_("Made of"), choices=Content.Format.choices, initial=Content.Format.BLOCKS,
        help_text=_("Blocks are put together on a page of their own, which comes next."),
    )  # fmt: skip
    body = forms.CharField(
        label=_("Email"), required=False, widget=forms.Textarea(attrs={"rows": 18, "spellcheck": "true"})
    )

    def __init__(self, *args: Any, campaign: Campaign | None = None, user_id: int | None = None, **more: Any) -> None:
        self.stands = facts_of(campaign) if campaign else {}
        more["initial"] = self.stands | (more.get("initial") or {})
        super().__init__(*args, **more)
        self.meets = campaign is not None
        self.has_blocks = bool(campaign and campaign.message.content.blocks)
        visible = Segment.objects.filter(is_private=False) | Segment.objects.filter(owner_id=user_id)
        choices = {"programme": Programme.objects.all(), "segment": visible, "topic": Topic.objects.all()}
        for name, queryset in (choices | {"sender": Sender.objects.all()}).items():
            self.fields[name].queryset = queryset  # type: ignore[attr-defined]
        self.initial["sender"] = self.initial.get("sender") or usual_sender()
        for name in NEEDED:
            self.fields[name].needed = _("needed before it goes out")  # type: ignore[attr-defined]
        self.fields["topic"].needed = _("needed for what they subscribed to")  # type: ignore[attr-defined]
        if campaign is None and Topic.objects.count() == 1:
            self.initial["topic"] = self.initial.get("topic") or Topic.objects.values_list("pk", flat=True).first()
        if not Sender.objects.exists():
            self.fields["sender"].help_text = _(
                "There is none yet. An admin sets one up under Settings, Senders; the email can be written meanwhile."
            )

    def clean(self) -> dict[str, Any]:
        """Blocks are emails: what goes to phones or on paper is written by hand, and no email becomes it by itself."""
        said: dict[str, Any] = super().clean() or {}
        sender, made_of = said.get("sender"), said.get("body_format")
        if sender is not None and made_of == Content.Format.BLOCKS and channel_of(sender) != Channel.EMAIL:
            said["body_format"] = Content.Format.MARKDOWN
            if self.has_blocks:
                self.add_error("sender", _("This email is made of blocks. Choose a sender of emails."))
        if said.get("body_format") == Content.Format.BLOCKS:
            said.pop("body", None)  # it is drawn from the blocks
        return said

    def clean_subject(self) -> str:
        """A subject is one line that can be read."""
        return readable_line(self.cleaned_data["subject"])


def facts_of(campaign: Campaign) -> dict[str, Any]:
    """What a campaign's form shows of it."""
    message, content = campaign.message, campaign.message.content
    return {
        "name": message.name,
        "programme": campaign.programme_id,
        "segment": campaign.segment_id,
        "purpose": message.purpose,
        "topic": message.topic_id,
        "sender": message.sender_id,
        "holdout_percent": campaign.holdout_percent,
        "adds_utm": campaign.adds_utm,
        "subject": content.subject,
        "preheader": content.preheader,
        "body_format": content.body_format,
        "body": content.body,
    }


class ScheduleForm(forms.Form):
    """When it goes out; empty is now. By whose clock, and whether all at once."""

    at = MomentField(label=_("Send at"), required=False, takes_skipped=True)
    by_zone = forms.BooleanField(
        label=_("At that time where each of them is"),
        required=False,
        help_text=_("Where it has gone by already, the day after. Who has no time zone gets it by yours."),
    )
    spread_hours = forms.IntegerField(
        label=_("Spread over so many hours"),
        required=False,
        min_value=0,
        max_value=LONGEST_SPREAD_HOURS,
        help_text=_("Empty is all at once. Spread, your shop and your team get the answers bit by bit."),
    )

    def clean_at(self) -> datetime | None:
        """A moment that has not gone by."""
        at: datetime | None = self.cleaned_data["at"]
        if at and at < now() - timedelta(minutes=1):
            raise forms.ValidationError(_("This moment has gone by."))
        return at

    def clean(self) -> dict[str, Any]:
        """Clocks need a time."""
        said: dict[str, Any] = super().clean() or {}
        if said.get("by_zone") and not said.get("at") and "at" not in self.errors:
            self.add_error("at", _("Choose the time that their clocks shall show."))
        if self.wall and said.get("at") and self._is_skipped() and not said.get("by_zone"):
            self.add_error("at", said_of_skipped(self.wall, get_current_timezone()))
        return said

    @property
    def wall(self) -> datetime | None:
        """What the clock shows then."""
        field: MomentField = self.fields["at"]  # type: ignore[assignment]
        return field.wall

    def note(self) -> str:
        """What becomes of a time that their clocks do not show, or show twice; "" of all others."""
        if self.wall is None:
            return ""
        if self._is_skipped():
            return gettext("Where the clocks go forward over this time, people get it at the first moment after.")
        return said_of_twice(self.wall) if comes_twice(self.wall, get_current_timezone()) else ""

    def _is_skipped(self) -> bool:
        return self.wall is not None and is_skipped(self.wall, get_current_timezone())

    def timing(self) -> dict[str, Any]:
        """What delivery.engine.controlling.schedule takes beside the moment."""
        said = self.cleaned_data
        return {"by_zone": said["by_zone"], "wall": self.wall, "spread_minutes": (said["spread_hours"] or 0) * 60}
