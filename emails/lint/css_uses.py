"""Which features of CSS are used: in style attributes and in style sheets, read by a parser."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import tinycss2

from emails.lint.css_selectors import selector_slugs
from emails.lint.slugs import function_slug, property_slug, unit_slug, word_slug
from emails.lint.uses import Use

DEEPEST, MOST_BRACKETS = 8, 50
BRACKET = re.compile(r"[()\[\]{}]")
STYLE = "html-style"
# What no style attribute can say: the rest of a sheet's plain rules stands in the elements' own styles as well.
MOVING = {
    f"css-pseudo-{one}"
    for one in ("class-hover", "class-focus", "class-active", "class-visited", "class-target", "class-checked",
                "class-link", "element-before", "element-after", "element-first-letter", "element-first-line",
                "element-marker")
}  # fmt: skip
AT_RULES = {
    "font-face": "css-at-font-face",
    "import": "css-at-import",
    "keyframes": "css-at-keyframes",
    "supports": "css-at-supports",
}
ASKS = {
    "prefers-color-scheme": "css-at-media-prefers-color-scheme",
    "prefers-reduced-motion": "css-at-media-prefers-reduced-motion",
    "hover": "css-at-media-hover",
    "any-hover": "css-at-media-hover",
    "orientation": "css-at-media-orientation",
    "-webkit-device-pixel-ratio": "css-at-media-device-pixel-ratio",
    "-webkit-min-device-pixel-ratio": "css-at-media-device-pixel-ratio",
}


@dataclass(frozen=True, slots=True)
class Read:
    """What was found, and what could not be read, as it was written."""

    uses: tuple[Use, ...]
    broken: tuple[str, ...] = ()


@lru_cache(maxsize=4096)
def read_style(style: str) -> Read:
    """A style attribute."""
    if _is_too_deep(style):
        return Read((), (style,))
    return _declarations(tinycss2.parse_blocks_contents(style, skip_comments=True, skip_whitespace=True), (), style)


def read_sheet(css: str, media: str = "") -> Read:
    """A style sheet. Rules outside of @media are in the elements' own styles as well, so only what moves is told of them."""
    uses = [Use(STYLE, str(len(css)))]
    if _is_too_deep(css + media):
        return Read(tuple(uses), (css,))
    asked = _asked(tinycss2.parse_component_value_list(media)) if media.strip() else ()
    within = (STYLE, *asked)
    uses += [Use(slug, media, within=within[: at + 1]) for at, slug in enumerate(asked)]
    broken: list[str] = []
    if "/*" in css:
        uses.append(Use("css-comments", within=(STYLE,)))
    _rules(tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True), within, uses, broken, 0)
    return Read(tuple(uses), tuple(broken))


def _is_too_deep(css: str) -> bool:
    """Whether brackets stand in brackets beyond all sense: what reads and writes values goes down with each of them."""
    depth = 0
    for found in BRACKET.finditer(css):
        depth = depth + 1 if found[0] in "([{" else max(0, depth - 1)
        if depth > MOST_BRACKETS:
            return True
    return False


def _rules(rules: Sequence[Any], within: tuple[str, ...], uses: list[Use], broken: list[str], depth: int) -> None:
    for rule in rules:
        if rule.type == "error":
            broken.append(rule.message)
        elif rule.type == "at-rule" and depth < DEEPEST:
            _at_rule(rule, within, uses, broken, depth)
        elif rule.type == "qualified-rule":
            _rule(rule, within, uses, broken)


def _rule(rule: Any, within: tuple[str, ...], uses: list[Use], broken: list[str]) -> None:
    selectors = selector_slugs(rule.prelude)
    is_plain = within == (STYLE,)
    inside = (*within, *(one for one in selectors if one.startswith("css-selector")))
    said = tinycss2.parse_blocks_contents(rule.content, skip_comments=True, skip_whitespace=True)
    found = _declarations(said, inside, "")
    uses += [Use(slug, within=within) for slug in selectors if not is_plain or slug in MOVING]
    uses += [] if is_plain else found.uses
    broken += [*found.broken, *(one.message for one in rule.prelude if one.type == "error")]


def _at_rule(rule: Any, within: tuple[str, ...], uses: list[Use], broken: list[str], depth: int) -> None:
    name = rule.lower_at_keyword
    if name == "media":
        asked = _asked(rule.prelude)
        uses += [
            Use(slug, tinycss2.serialize(rule.prelude), within=(*within, *asked[:at])) for at, slug in enumerate(asked)
        ]
        inside = tinycss2.parse_rule_list(rule.content or [], skip_comments=True, skip_whitespace=True)
        _rules(inside, (*within, *asked), uses, broken, depth + 1)
    elif name in AT_RULES:
        uses.append(Use(AT_RULES[name], within=within))
        if name == "supports":
            inside = tinycss2.parse_rule_list(rule.content or [], skip_comments=True, skip_whitespace=True)
            _rules(inside, (*within, AT_RULES[name]), uses, broken, depth + 1)


def _asked(prelude: Sequence[Any]) -> tuple[str, ...]:
    """What a media query asks for; of screens and sizes, @media itself."""
    words = [word for token in prelude for word in (token.content if token.type == "() block" else [token])]
    named = [word.lower_value for word in words if word.type == "ident"]
    return tuple(dict.fromkeys(ASKS[one] for one in named if one in ASKS)) or ("css-at-media",)


def _declarations(found: Sequence[Any], within: tuple[str, ...], text: str) -> Read:
    uses: list[Use] = []
    said = [one for one in found if one.type == "declaration"]
    broken = [one.message if not text else text[:80] for one in found if one.type == "error"]
    beside = frozenset(one.lower_name for one in said)
    for one in said:
        value = tinycss2.serialize(one.value).strip().lower()
        slugs = [property_slug(one.lower_name, value), "css-important" if one.important else ""]
        slugs += ["css-background-image" if one.lower_name == "background" and "url(" in value else ""]
        slugs += list(_in_value(one.value, 0))
        uses += [
            Use(slug, value, one.lower_name, within=within, beside=beside) for slug in dict.fromkeys(slugs) if slug
        ]
    return Read(tuple(uses), tuple(broken))


def _in_value(tokens: Sequence[Any], depth: int) -> Iterator[str]:
    """What a value is made of: units, functions, words that not everybody knows."""
    for token in tokens:
        if token.type == "dimension":
            yield unit_slug(token.lower_unit)
        elif token.type == "percentage":
            yield unit_slug("%")
        elif token.type == "function":
            yield function_slug(token.lower_name)
            if depth < DEEPEST:
                yield from _in_value(token.arguments, depth + 1)
        elif token.type == "ident":
            yield word_slug(token.lower_value)
        elif token.type == "url" and token.value.lower().startswith("data:"):
            yield "image-base64"
