"""The links of an email: where each leads, what it says, what is wrong with it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from emails.links import leads_somewhere
from emails.lint.pages import Anchor

RUNS = ("javascript:", "data:", "vbscript:", "file:", "blob:")
LONGEST = 2_000
MOST = 500


@dataclass(frozen=True, slots=True)
class Link:
    """`trouble` says why it leads nowhere, "" when it does; `remark` what a reader may stumble over."""

    target: str
    text: str
    block: str = ""
    trouble: str = ""
    remark: str = ""


def look_at_links(anchors: Sequence[Anchor]) -> list[Link]:
    """The links as they stand, without asking anybody."""
    found = [Link(one.target, one.text[:200], one.block, _trouble(one), _remark(one)) for one in anchors[:MOST]]
    return _told_apart(found)


def _trouble(link: Anchor) -> str:
    target = link.target
    if target in {"", "#"}:
        return "" if link.is_ours and target else _("It has no address yet.")
    lower = "".join(target.lower().split())
    if lower.startswith(RUNS):
        return _("Mail clients take such a link out: use an address that begins with https://.")
    if "{{" in target or "{%" in target:
        return ""
    if not leads_somewhere(target):
        return _("“%(link)s” is no address of the web. Write it with https:// in front.") % {"link": target[:80]}
    if lower.startswith(("http://", "https://")) and not _is_whole(target):
        return _("“%(link)s” is not a whole address.") % {"link": target[:80]}
    return ""


def _is_whole(target: str) -> bool:
    try:
        parts = urlsplit(target)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return False
    is_host = "." in host.strip(".") or host == "localhost" or ":" in host
    return is_host and not any(one.isspace() or one in "<>\"'" for one in target) and len(target) <= LONGEST


def _remark(link: Anchor) -> str:
    return "" if link.text else _("It has no words: a screen reader can only read the address.")


def _told_apart(links: list[Link]) -> list[Link]:
    """The same words for two places are hard to tell apart by ear."""
    targets = defaultdict(set)
    for one in links:
        targets[one.text.casefold()].add(one.target)
    said = _("The same words lead to another place elsewhere in this email.")
    return [
        replace(one, remark=said) if one.text and not one.remark and len(targets[one.text.casefold()]) > 1 else one
        for one in links
    ]
