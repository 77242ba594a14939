"""Changing how the brand's emails look: one kit a workspace, or the usual look."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from emails.kits import current_kit
from emails.models import BrandKit, Picture
from emails.news import kit_saved
from lib.clock import now
from lib.foreign.cleaning import to_line
from workspaces.auditing import audit
from workspaces.models import User
from workspaces.owned import hold_single

MOST_SOCIAL, LONGEST_NAME, LONGEST_URL, LONGEST_FOOT, MOST_CORNER = 8, 40, 300, 300, 24
COLOURS = ("ink", "accent", "paper", "soft", "around")
FIELDS = (*COLOURS, "heading_font", "text_font", "corner", "social", "foot_note", "logo_id", "dark_logo_id")
SHORT = re.compile(r"[0-9a-f]{3}\Z")
LONG = re.compile(r"[0-9a-f]{6}\Z")
TAG = re.compile(r"\{[{%]")
NO_FIELDS = gettext_lazy("No fields of a person here: these words are the same for everybody.")
_is_url = URLValidator(schemes=["http", "https"])


@dataclass(frozen=True, slots=True)
class KitFlaw:
    """What is wrong with a part of a kit: its field, and a sentence."""

    field: str
    text: str


class BadKitError(ValueError):
    """A kit that is not kept, with each of its flaws."""

    def __init__(self, flaws: Sequence[KitFlaw]) -> None:
        super().__init__(" ".join(one.text for one in flaws))
        self.flaws = list(flaws)


def colour_in(text: str) -> str:
    """A colour as a kit keeps it (#rrggbb): "0A5C40" and "#abc" are colours too. ValueError."""
    said = text.strip().removeprefix("#").lower()
    if SHORT.match(said):
        said = "".join(2 * one for one in said)
    if not LONG.match(said):
        raise ValueError(_("Write a colour as #0a5c40."))
    return f"#{said}"


def links_in_rows(rows: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    """Social links as a kit keeps them; rows without a word are left out. BadKitError says which row and why."""
    links, flaws = [], []
    for name, url in ((to_line(name, LONGEST_NAME + 1), url.strip()) for name, url in rows):
        if not name and not url:
            continue
        links.append({"name": name, "url": url})
        if not name:
            flaws.append(KitFlaw("social", _("Give “%(url)s” a name, such as Mastodon.") % {"url": to_line(url, 60)}))
        elif len(name) > LONGEST_NAME:
            flaws.append(KitFlaw("social", _("“%(name)s” is longer than 40 letters.") % {"name": name}))
        elif TAG.search(f"{name} {url}"):
            flaws.append(KitFlaw("social", str(NO_FIELDS)))
        elif not _leads(url):
            said = _("“%(name)s” needs an address that begins with https://.")
            flaws.append(KitFlaw("social", said % {"name": name}))
    if len(links) > MOST_SOCIAL:
        flaws.append(KitFlaw("social", _("At most %(n)d links: nobody follows more.") % {"n": MOST_SOCIAL}))
    if flaws:
        raise BadKitError(flaws)
    return links


def hold_kit() -> BrandKit | None:
    """What is kept of how emails look; nobody else changes it until the transaction ends."""
    return hold_single(BrandKit)


@transaction.atomic
def save_kit(kit: BrandKit, *, by: User | None) -> BrandKit:
    """From now on emails look like this, and drafts with them; what is approved stays. May be repeated. BadKitError."""
    hold_kit()
    _check(kit)
    before = current_kit()
    changed = [name for name in FIELDS if getattr(before, name) != getattr(kit, name)]
    if before.pk and not changed:
        return before
    kit.pk, kit.changed_at = None, now()
    columns = [name.removesuffix("_id") for name in FIELDS]
    BrandKit.objects.bulk_create(
        [kit], update_conflicts=True, unique_fields=["workspace"], update_fields=[*columns, "changed_at"]
    )
    audit("brand_kit.saved", by=by, target=kit, fields=changed)
    kit_saved.tell()
    return current_kit()


@transaction.atomic
def reset_kit(*, by: User | None) -> bool:
    """Emails have the usual look again, in the brand's colour, and drafts with them. False where they had it already."""
    kit = hold_kit()
    if kit is None:
        return False
    audit("brand_kit.reset", by=by, target=kit)
    kit.delete()
    kit_saved.tell()
    return True


def _check(kit: BrandKit) -> None:
    flaws = [
        KitFlaw("logo", _("One of the pictures is gone. Choose another one."))
        for wanted in [{one for one in (kit.logo_id, kit.dark_logo_id) if one}]
        if wanted - _held(wanted)
    ]
    try:
        kit.clean_fields(exclude=["logo", "dark_logo", "social", "workspace", "id"])
    except ValidationError as error:
        flaws += [KitFlaw(field, " ".join(said)) for field, said in error.message_dict.items()]
    if TAG.search(kit.foot_note):
        flaws.append(KitFlaw("foot_note", str(NO_FIELDS)))
    if not 0 <= kit.corner <= MOST_CORNER:
        flaws.append(KitFlaw("corner", _("Corners are round by 0 to 24 pixels.")))
    try:
        kit.social = links_in_rows([(str(one["name"]), str(one["url"])) for one in kit.social])
    except BadKitError as error:
        flaws += error.flaws
    if flaws:
        raise BadKitError(flaws)


def _held(ids: set[int]) -> set[int]:
    """Those of these pictures that are there; none of them may go until the kit that shows them is kept."""
    return set(Picture.objects.filter(pk__in=ids).select_for_update(no_key=True).values_list("pk", flat=True))


def _leads(url: str) -> bool:
    try:
        _is_url(url)
    except ValidationError:
        return False
    return len(url) <= LONGEST_URL
