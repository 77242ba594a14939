"""What a reader gets where a feature is missing: harm, something simpler, or nothing that could be seen."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from emails.lint.uses import Use

Words = str | Promise


class Grade(IntEnum):
    """How much is lost. LIGHT: dark mode has no colours of its own. BREAKS: a reader misses something or cannot read it."""

    SAME = 0
    LIGHT = 1
    SIMPLER = 2
    BREAKS = 3


@dataclass(frozen=True, slots=True)
class Fallback:
    """`text` is what is seen instead, in a few words. `drawn` and `drawn_on`: what holds on some clients where our blocks
    drew the page, as they give those another way.
    """

    grade: Grade
    text: Words
    drawn_on: frozenset[str] = frozenset()


LIGHT, STACKED = _("the same colours in dark mode"), _("columns below each other")
SAME = Fallback(Grade.SAME, _("looks the same"))
UNHEARD = Fallback(Grade.SAME, _("looks the same; a screen reader is told less"))
RULES = Fallback(Grade.SIMPLER, _("the same colours in dark mode, columns below each other"))
NO_PICTURE = Fallback(Grade.BREAKS, _("the picture is missing"))
NO_FORM = Fallback(Grade.BREAKS, _("the form cannot be filled in"))
OTHER = Fallback(Grade.SIMPLER, _("drawn without it"))
SHOWN = {
    "css-at-media": Fallback(Grade.SIMPLER, STACKED, frozenset({"outlook_2019", "thunderbird"})),
    "css-at-media-prefers-color-scheme": Fallback(Grade.LIGHT, LIGHT),
    "html-style": RULES,
    "css-border-radius": Fallback(Grade.SIMPLER, _("square corners")),
    "css-padding": Fallback(Grade.SIMPLER, _("less room around words")),
    "css-margin": Fallback(Grade.SIMPLER, _("stands at the edge, not in the middle")),
    "css-max-width": Fallback(Grade.SIMPLER, _("as wide as the window")),
    "css-box-sizing": Fallback(Grade.SIMPLER, _("a little wider")),
    "css-display": Fallback(Grade.SIMPLER, _("stands in one line with the words")),
    "css-display-flex": Fallback(Grade.SIMPLER, STACKED),
    "css-display-grid": Fallback(Grade.SIMPLER, STACKED),
    "css-overflow": Fallback(Grade.SIMPLER, _("is shown whole")),
    "css-max-height": Fallback(Grade.SIMPLER, _("is shown whole")),
    "css-position": Fallback(Grade.SIMPLER, _("stands in the flow of the words")),
    "css-background-image": Fallback(Grade.SIMPLER, _("a plain ground")),
    "css-linear-gradient": Fallback(Grade.SIMPLER, _("a plain ground")),
    "css-box-shadow": Fallback(Grade.SIMPLER, _("no shadow")),
    "css-at-font-face": Fallback(Grade.SIMPLER, _("another font")),
    "css-at-import": Fallback(Grade.SIMPLER, _("another font")),
    "html-link": Fallback(Grade.SIMPLER, _("without its style sheet")),
    "css-animation": Fallback(Grade.SIMPLER, _("nothing moves")),
    "css-transition": Fallback(Grade.SIMPLER, _("nothing moves")),
    "css-at-keyframes": Fallback(Grade.SIMPLER, _("nothing moves")),
    "css-pseudo-class-hover": Fallback(Grade.SIMPLER, _("nothing changes under the mouse")),
    "css-font-weight": Fallback(Grade.SIMPLER, _("words of another weight")),
    "html-anchor-links": Fallback(Grade.SIMPLER, _("a jump inside the email does nothing")),
    "html-picture": Fallback(Grade.SIMPLER, _("its plain picture")),
    "html-srcset": Fallback(Grade.SIMPLER, _("its plain picture")),
    "html-script": Fallback(Grade.SIMPLER, _("the script is taken out")),
    "html-image-maps": Fallback(Grade.BREAKS, _("places in the picture cannot be clicked")),
    "html-base": Fallback(Grade.BREAKS, _("links lead nowhere")),
    "html-iframe": Fallback(Grade.BREAKS, _("what it frames is missing")),
    "html-embed": Fallback(Grade.BREAKS, _("what it embeds is missing")),
    "html-object": Fallback(Grade.BREAKS, _("what it embeds is missing")),
    "html-video": Fallback(Grade.BREAKS, _("the video is missing")),
    "html-audio": Fallback(Grade.BREAKS, _("the sound is missing")),
    "html-svg": NO_PICTURE,
    "css-pseudo-class-checked": Fallback(Grade.BREAKS, _("what is unfolded by a click stays hidden")),
    "css-pseudo-class-target": Fallback(Grade.BREAKS, _("what is unfolded by a click stays hidden")),
    **dict.fromkeys((f"html-{one}" for one in ("form", "select", "textarea")), NO_FORM),
    **dict.fromkeys((f"html-aria-{one}" for one in ("hidden", "label", "labelledby", "describedby", "live")), UNHEARD),
    **dict.fromkeys(("html-role", "html-lang", "html-dir", "html-semantics"), UNHEARD),
    **dict.fromkeys(("html-body", "html-doctype", "html-target", "html-meta-color-scheme", "html-comments"), SAME),
    **dict.fromkeys(("html-align", "html-width", "html-height", "css-height", "css-width"), SAME),
    **dict.fromkeys(("css-table-layout", "css-cursor", "css-line-height", "css-comments", "css-word-break"), SAME),
    **dict.fromkeys(("css-border", "css-outline", "css-word-spacing", "css-display-none"), SAME),
    "css-important": RULES,
}


def fallback_of(slug: str) -> Fallback:
    """What is seen instead of a feature."""
    if slug in SHOWN:
        return SHOWN[slug]
    if slug.startswith("image-"):
        return NO_PICTURE
    if slug.startswith(("html-input", "html-button")):
        return NO_FORM
    if slug.startswith(("css-selector", "css-pseudo-class")):
        return RULES
    return OTHER


GROUND = {"background", "background-image"}
DRAWN = re.compile(r"(?:url|[a-z-]*gradient)\(.*\)|\d+(?:px|em|rem)", re.DOTALL)
PLACING = {
    *("center", "left", "right", "top", "bottom", "cover", "contain", "auto", "fixed", "scroll", "local", "none"),
    *("no-repeat", "repeat", "repeat-x", "repeat-y", "round", "space", "padding-box", "border-box", "content-box"),
}
COLOURS = {"color", "background", "background-color"}
UNREADABLE = Fallback(Grade.BREAKS, _("words may not be readable: give a plain colour first"))


def _has_no_ground(use: Use) -> bool:
    """A picture lies under words, and no colour under the picture."""
    is_colour = any(one not in PLACING for one in re.findall(r"#?[a-z][a-z-]*|#[0-9a-f]+", DRAWN.sub(" ", use.value)))
    return use.name in GROUND and "background-color" not in use.beside and not is_colour


def _colours(use: Use) -> bool:
    return use.name in COLOURS


def _clips_words(use: Use) -> bool:
    return "text" in use.value


# Uses that harm although their feature is only a decoration elsewhere.
HARMS: dict[str, Callable[[Use], bool]] = {
    **dict.fromkeys(
        ("css-background-image", "css-linear-gradient", "css-radial-gradient", "css-conic-gradient"), _has_no_ground
    ),
    **dict.fromkeys(("css-variables", "css-modern-color", "css-function-light-dark"), _colours),
    "css-background-clip": _clips_words,
}
