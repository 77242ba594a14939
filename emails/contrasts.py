"""What can be read on what in a brand kit, in words: what is as it was chosen, and what is moved until it can be read."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from emails.look import Look, look_of
from emails.models import BrandKit
from emails.palette import BLACK, DARK, DARK_PAPER, LIGHT, contrast, is_readable

NAMES = {LIGHT: gettext_lazy("white"), DARK: gettext_lazy("nearly black"), BLACK: gettext_lazy("black")}


@dataclass(frozen=True, slots=True)
class Contrast:
    """Words on a ground as they will be shown: `ratio` is that of the colours as chosen, from 1 to 21."""

    name: str | Promise
    words: str
    ground: str
    ratio: str
    is_moved: bool
    text: str


def contrasts_of(kit: BrandKit) -> list[Contrast]:
    """Each pair that an email shows, in the order of the kit's colours."""
    return list(_pairs(kit, look_of(kit, name="")))


def _pairs(kit: BrandKit, look: Look) -> Iterator[Contrast]:
    yield _pair(_("Words"), kit.ink, look.ink, kit.paper)
    yield _cards(kit, look)
    yield _pair(_("Links"), kit.accent, look.link, kit.paper)
    yield _button(kit, look)
    yield _pair(_("Links in dark mode"), kit.accent, look.dark_accent, DARK_PAPER)


def _pair(name: str, chosen: str, shown: str, ground: str) -> Contrast:
    if chosen == shown:
        said = _("Easy to read.") if contrast(chosen, ground) >= 7 else _("Can be read.")
    else:
        is_lighter = contrast(shown, BLACK) > contrast(chosen, BLACK)
        said = (
            _("Hard to read, so emails show %(colour)s, a lighter one.")
            if is_lighter
            else _("Hard to read, so emails show %(colour)s, a darker one.")
        )
        said %= {"colour": shown}
    return Contrast(name, shown, ground, _ratio(chosen, ground), chosen != shown, said)


def _cards(kit: BrandKit, look: Look) -> Contrast:
    is_moved = look.soft != kit.soft
    said = _("Easy to read.") if contrast(look.ink, look.soft) >= 7 else _("Can be read.")
    if is_moved:
        said = _("Your words cannot be read on it, so cards and foot take the colour of the paper.")
    return Contrast(_("Cards and foot"), look.ink, look.soft, _ratio(look.ink, kit.soft), is_moved, said)


def _button(kit: BrandKit, look: Look) -> Contrast:
    said = _("Its words are %(colour)s.") % {"colour": NAMES[look.on_accent]}
    if not is_readable(look.on_accent, kit.accent):
        said = _("Neither white nor black can be read well on it. A lighter or darker colour would help.")
    return Contrast(
        _("Buttons"), look.on_accent, kit.accent, _ratio(look.on_accent, kit.accent), is_moved=False, text=said
    )


def _ratio(words: str, ground: str) -> str:
    return number_format(round(contrast(words, ground), 1), 1, use_l10n=True)
