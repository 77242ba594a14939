"""What Google, Yahoo and Microsoft each ask of senders, and how we stand: three sets, never added up.

Sources, as of November 2026: support.google.com/mail/answer/81126, senders.yahooinc.com/best-practices, Microsoft's
"Strengthening Email Ecosystem" (Outlook's requirements for high-volume senders).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from deliverability.judging import Finding
from deliverability.trends import Reception

AS_OF = "2026-11"
GOOD_SHARE = 0.99
Text = str | Promise


@dataclass(frozen=True)
class Standing:
    """One rule: its name, how we stand in a few words, and whether that is right (None: nobody knows)."""

    name: Text
    value: Text
    is_kept: bool | None
    is_close: bool = False

    @property
    def mark(self) -> str:
        if self.is_kept is None:
            return "none"
        return "ok" if self.is_kept else "warn" if self.is_close else "bad"


@dataclass(frozen=True)
class RuleSet:
    """What one provider asks. `said`: whether and since when we count as a bulk sender there."""

    name: Text
    said: Text
    rules: list[Standing]

    @property
    def broken_count(self) -> int:
        return sum(1 for one in self.rules if one.is_kept is False)


@dataclass(frozen=True)
class Evidence:
    """What the rules are judged by. `passed`: receiver → {"spf"|"dkim"|"both": share} of DMARC's reports, if any came."""

    findings: Sequence[Finding]
    receptions: dict[str, Reception]
    passed: dict[str, dict[str, float]] = field(default_factory=dict)
    busiest: dict[str, tuple[int, str]] = field(default_factory=dict)
    is_encrypted: bool = True
    has_campaigns: bool = False
    day: Callable[[str], Any] = str


def rule_sets(evidence: Evidence) -> list[RuleSet]:
    """The three, each on its own."""
    return [_google(evidence), _yahoo(evidence), _microsoft(evidence)]


def _google(see: Evidence) -> RuleSet:
    most, since = see.busiest.get("google", (0, ""))
    said = _("You are below: the most was %(most)s in a day. From 5,000 on you count as a bulk sender, for good.")
    if since:
        said = _("You count as a bulk sender at Gmail since %(day)s: %(most)s in one day. That does not end.")
    rules = [
        _authenticated(see, "google", _lazy("SPF and DKIM pass"), "both"),
        _policy(see, _lazy("DMARC is set, p=none or stricter")),
        _aligned(see),
        _one_click(see, _lazy("One click to unsubscribe")),
        _complaints(see, "google", _lazy("Spam reports under 0.10 %"), 0.001, 0.003),
        _encrypted(see),
        _pointer(see),
    ]
    return RuleSet("Google", said % {"most": number_format(most, force_grouping=True), "day": see.day(since)}, rules)


def _yahoo(see: Evidence) -> RuleSet:
    rules = [
        _authenticated(see, "yahoo", _lazy("SPF and DKIM pass"), "both"),
        _policy(see, _lazy("DMARC is set")),
        _one_click(see, _lazy("One click, honoured in 2 days"), _("at once")),
        _complaints(see, "yahoo", _lazy("Spam reports under 0.30 %"), 0.003, 0.003),
        _pointer(see),
    ]
    return RuleSet("Yahoo", _("Yahoo names no number. Whoever sends campaigns counts as a bulk sender."), rules)


def _microsoft(see: Evidence) -> RuleSet:
    most, since = see.busiest.get("microsoft", (0, ""))
    said = _("You are below: the most was %(most)s in a day. From 5,000 on, Outlook refuses what fails below.")
    if since:
        said = _("You count as a high-volume sender: %(most)s in one day. Outlook refuses what fails below.")
    rules = [
        _authenticated(see, "microsoft", _lazy("SPF passes"), "spf"),
        _authenticated(see, "microsoft", _lazy("DKIM passes"), "dkim"),
        _policy(see, _lazy("DMARC is set")),
        _one_click(see, _lazy("A way to unsubscribe")),
        _answered(see),
        Standing(_lazy("Spam reports"), _("not told by Microsoft"), None),
    ]
    return RuleSet("Microsoft", said % {"most": number_format(most, force_grouping=True)}, rules)


def _authenticated(see: Evidence, provider: str, name: Text, what: str) -> Standing:
    """By the receiver's own reports where there are some, else by what the DNS says."""
    share = see.passed.get(provider, {}).get(what)
    if share is not None:
        return Standing(name, _percent(share), share >= GOOD_SHARE)
    spf, dkim = _mark(see, "spf"), _best(see, "dkim")
    marks = {"spf": [spf], "dkim": [dkim], "both": [spf, dkim]}[what]
    if any(one == "bad" for one in marks):
        return Standing(name, _("a line is missing"), False)
    if any(one in {"", "wait"} for one in marks):
        return Standing(name, _("not seen yet"), None)
    return Standing(name, _("by the DNS"), True)


def _policy(see: Evidence, name: Text) -> Standing:
    found = next((one for one in see.findings if one.key == "dmarc"), None)
    if found is None or found.mark == "wait":
        return Standing(name, _("not looked yet"), None)
    policy = found.facts.get("policy", "")
    return Standing(name, f"p={policy}" if policy else _("missing"), found.mark in {"ok", "warn"})


def _aligned(see: Evidence) -> Standing:
    dkim, path = _best(see, "dkim"), _mark(see, "return_path")
    name = _lazy("From domain aligned")
    if "ok" in {dkim, path} or (path == "" and _mark(see, "spf") == "ok"):
        return Standing(name, _("yes"), True)
    return Standing(name, _("not yet"), None if "wait" in {dkim, path} or not see.findings else False)


def _one_click(see: Evidence, name: Text, value: Text = "") -> Standing:
    """Every campaign has it by itself, so it is kept as soon as there is one."""
    if not see.has_campaigns:
        return Standing(name, _("not yet"), None)
    return Standing(name, value or _("in every campaign"), True)


def _complaints(see: Evidence, provider: str, name: Text, limit: float, worst: float) -> Standing:
    one = see.receptions.get(provider)
    if one is None or one.complained_share is None:
        return Standing(name, _("nothing sent"), None)
    if not one.complained:
        return Standing(name, _("none told"), None)
    share = one.complained_share
    return Standing(name, _percent(share, 2), share < limit, is_close=share < worst)


def _encrypted(see: Evidence) -> Standing:
    value = _("yes") if see.is_encrypted else _("not to your server")
    return Standing(_lazy("TLS on the connection"), value, see.is_encrypted)


def _pointer(see: Evidence) -> Standing:
    rows = [one for one in see.findings if one.key == "ptr"]
    name = _lazy("The server’s address has a name")
    if not rows:
        return Standing(
            name, _("the provider’s") if see.findings else _("not looked yet"), True if see.findings else None
        )
    good = sum(one.mark == "ok" for one in rows)
    return Standing(name, _("%(good)s of %(all)s") % {"good": good, "all": len(rows)}, good == len(rows))


def _answered(see: Evidence) -> Standing:
    mark = _mark(see, "answers")
    name = _lazy("The From address takes answers")
    if mark in {"", "wait"}:
        return Standing(name, _("not looked yet"), None)
    return Standing(name, _("yes") if mark == "ok" else _("no"), mark == "ok")


def _mark(see: Evidence, key: str) -> str:
    return next((one.mark for one in see.findings if one.key == key), "")


def _best(see: Evidence, family: str) -> str:
    """The best of several keys: one signature that passes is enough."""
    marks = [one.mark for one in see.findings if one.key.partition("_")[0] == family]
    return next((mark for mark in ("ok", "wait", "none", "bad") if mark in marks), "bad" if see.findings else "")


def _percent(share: float, places: int = 1) -> str:
    return f"{number_format(share * 100, places)} %"
