"""Why somebody gets these things of the library, and how many are chosen for by interest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contacts.models import Contact
from emails.blocks.picks import PicksBlock
from emails.library.catalogue import Entry, catalogue
from emails.library.choosing import Reader, choose, fit_of
from emails.library.picking import Got, had_of, readers_of, with_emails
from emails.models import LibraryItem
from engagement.interests.reading import names_of
from engagement.models import InterestDay
from lib.clock import now
from touchpoints.kinds import KINDS
from workspaces.current import current_workspace


@dataclass(frozen=True, slots=True)
class Because:
    """One thing that somebody gets, and why. `share`: how well it fits, of what fits them best, 0 to 100."""

    title: str
    why: str
    share: int = 0


@dataclass(frozen=True, slots=True)
class Explained:
    """What somebody gets in a block; `not_again` is a thing they had, `had_count` how many they had."""

    picks: Sequence[Because]
    not_again: str = ""
    had_count: int = 0


@dataclass(frozen=True, slots=True)
class Split:
    """Of `people` who were looked at: how many get something by interest, the newest alone, fewer than wanted."""

    people: int
    by_interest: int
    newest: int
    fewer: int


def explain(
    blocks: Sequence[PicksBlock], block_id: str, contact: Contact | None, *, got: Got | None = None, message_id: int = 0
) -> Explained:
    """What this person gets in a block, best first, in words. A few statements."""
    entries, moment = catalogue(), now()
    if contact is None:
        reader = Reader(current_workspace().locale)
        had = frozenset[int]()
    else:
        known = with_emails(had_of([contact.pk]), entries, got, message_id)
        reader, had = readers_of([contact.pk], known)[contact.pk], known[contact.pk].items
    chosen = choose(entries, blocks, {0: reader}, at=moment)[0].get(block_id, [])
    parts = [fit_of(one, reader, entries, moment) for one in chosen]
    most = max((sum(one.values()) for one in parts), default=0.0) or 1.0
    tags = {tag for one in parts for tag in one}
    names, clicks = names_of(tags), _clicks(contact, tags)
    picks = [
        Because(one.title, _why(one, part, names, clicks), round(100 * sum(part.values()) / most))
        for one, part in zip(chosen, parts, strict=True)
    ]
    last = LibraryItem.objects.filter(pk__in=had).order_by("-published_at").values_list("title", flat=True).first()
    return Explained(picks, last or "", len(had))


def split_of(
    blocks: Sequence[PicksBlock],
    block: PicksBlock,
    contact_ids: Sequence[int],
    *,
    got: Got | None = None,
    message_id: int = 0,
) -> Split:
    """How the block falls for these people. A few statements, whatever the number."""
    entries, moment = catalogue(), now()
    readers = readers_of(contact_ids, with_emails(had_of(contact_ids), entries, got, message_id))
    chosen = choose(entries, blocks, readers, at=moment)
    by_interest = newest = fewer = 0
    for who, reader in readers.items():
        mine = chosen[who].get(block.id, [])
        is_drawn = any(set(one.tags) & reader.interests.keys() for one in mine)
        by_interest += is_drawn
        newest += bool(mine) and not is_drawn
        fewer += len(mine) < block.count
    return Split(len(readers), by_interest, newest, fewer)


def _why(one: Entry, parts: Mapping[int, float], names: Mapping[int, str], clicks: Mapping[int, int]) -> str:
    """The strongest reason: what they clicked, what they are drawn to, or that it is new."""
    if not parts:
        day = date_format(one.published_at, "DATE_FORMAT", use_l10n=True)
        return _("The newest: published %(day)s") % {"day": day}
    tag = max(parts, key=lambda one: (parts[one], -one))
    if count := clicks.get(tag):
        said = ngettext("Clicked %(n)d thing about %(tag)s", "Clicked %(n)d things about %(tag)s", count)
        return said % {"n": count, "tag": names.get(tag, "")}
    return _("Drawn to %(tag)s") % {"tag": names.get(tag, "")}


def _clicks(contact: Contact | None, tags: set[int]) -> dict[int, int]:
    """Tag → clicks of this person that spoke for it."""
    if contact is None or not tags:
        return {}
    rows = InterestDay.objects.filter(contact=contact, tag__in=tags, kind=KINDS["clicked"].code)
    found: dict[int, int] = {}
    for tag, count in rows.values_list("tag_id", "count"):
        found[tag] = found.get(tag, 0) + count
    return found
