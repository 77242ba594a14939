"""How a sender stands: what is missing, what to do next, whether a first campaign may go out by it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from deliverability.domains import host_of
from deliverability.finding_words import Line, line_of
from deliverability.judging import Finding
from deliverability.looking import findings_of, look_of, looks_of, setup_of
from deliverability.models import DomainLook
from delivery.models import Delivery, Message, Sender
from delivery.presets import EMAIL_KINDS, Preset, preset_of

COUNTED = ("ok", "bad", "wait", "warn")


@dataclass(frozen=True)
class Standing:
    """One sender with what the DNS says of it. `look` is None where the DNS has no say."""

    sender: Sender
    look: DomainLook | None
    preset: Preset
    lines: Sequence[Line]

    @property
    def counted(self) -> list[Finding]:
        """What has to be there; a logo is no must."""
        return [one.finding for one in self.lines if one.finding.mark in COUNTED and one.finding.key != "logo"]

    @property
    def there_count(self) -> int:
        return sum(one.mark in {"ok", "warn"} for one in self.counted)

    @property
    def missing_count(self) -> int:
        return sum(one.mark == "bad" for one in self.counted)

    @property
    def waiting_count(self) -> int:
        return sum(one.mark == "wait" for one in self.counted)

    @property
    def mark(self) -> str:
        """ok, bad, wait; "none" before the first look and where the DNS has no say."""
        if self.look is None or self.look.looked_at is None:
            return "none"
        return "ok" if self.look.is_ready and not self.missing_count else "bad" if self.missing_count else "wait"

    @property
    def says(self) -> str:
        """What stands and what is missing, as a sentence."""
        if self.look is None:
            return _("Its server stands in your own network or has a name that nobody can own: the DNS has no say.")
        if self.look.looked_at is None:
            return _("We are looking at the DNS for the first time. That takes some seconds.")
        words = ngettext(
            "%(there)s of %(n)s DNS line is there.", "%(there)s of %(n)s DNS lines are there.", len(self.counted)
        )
        return words % {"there": self.there_count, "n": len(self.counted)}

    @property
    def asks(self) -> str:
        """What it needs of whom, or nothing."""
        pieces = []
        if self.missing_count:
            pieces.append(ngettext("%(n)s needs you", "%(n)s need you", self.missing_count) % {"n": self.missing_count})
        if self.waiting_count:
            words = ngettext("%(n)s needs an hour", "%(n)s need an hour", self.waiting_count)
            pieces.append(words % {"n": self.waiting_count})
        return ", ".join(pieces)


def standing_of(sender: Sender) -> Standing:
    """How this sender stands; asks for a first look where there was none."""
    return _standing(sender, look_of(sender))


def standings_of(senders: Sequence[Sender]) -> list[Standing]:
    """The same of many, in their order. One query where each was looked at before."""
    looks = looks_of(senders)
    return [_standing(one, looks.get(one.pk)) for one in senders]


def _standing(sender: Sender, look: DomainLook | None) -> Standing:
    preset = preset_of(host_of(sender))
    lines = [line_of(one, preset.lines_at) for one in findings_of(look)] if look else []
    return Standing(sender, look, preset, lines)


def why_not_yet(sender: Sender) -> str:
    """Why a first campaign may not go out by this sender yet; empty when it may.

    Only the first: whoever has sent by it before is warned, never stopped, for the DNS may be slow or wrong for an hour.
    """
    if setup_of(sender) is None or has_sent(sender):
        return ""
    look = DomainLook.objects.filter(sender=sender).first()
    if look is None or look.looked_at is None:
        look_of(sender)
        return ""
    return (
        ""
        if look.is_ready
        else _("The DNS does not let this sender speak for %(domain)s yet.") % {"domain": look.domain}
    )


def warning_of(sender: Sender) -> str:
    """What to say of a sender that has sent before and is no longer believed; empty when all is well."""
    look = DomainLook.objects.filter(sender=sender).exclude(looked_at=None).first()
    if look is None or look.is_ready or not has_sent(sender) or setup_of(sender) is None:
        return ""
    return _("Something is missing in the DNS of %(domain)s: emails may land in junk.") % {"domain": look.domain}


def has_sent(sender: Sender) -> bool:
    """Whether a campaign has gone out by it."""
    by_it = Message.objects.filter(sender=sender, purpose__in=(Message.Purpose.MARKETING, Message.Purpose.SUBSCRIBED))
    return Delivery.objects.filter(message__in=by_it, state=Delivery.State.SENT).exists()


def standings_panel(_request: Any, _subject: Any) -> dict[str, Any] | None:
    """Under the list of senders: how each stands with the DNS."""
    rows = standings_of(list(Sender.objects.filter(kind__in=EMAIL_KINDS).order_by("name")))
    return {"rows": rows} if rows else None
