"""HTML that somebody writes by hand for one place of an email: what mail clients show stays, what runs or asks goes."""

import re
import secrets

import nh3

from lib.liquid_tags import TAG

ELEMENTS = {
    "a", "abbr", "b", "blockquote", "br", "center", "code", "div", "em", "figcaption", "figure", "font", "h1", "h2", "h3",
    "h4", "hr", "i", "img", "li", "ol", "p", "pre", "s", "small", "span", "strong", "sub", "sup", "table", "tbody", "td",
    "tfoot", "th", "thead", "tr", "u", "ul",
}  # fmt: skip
EVERY = {"style", "class", "align", "valign", "width", "height", "bgcolor", "dir", "lang", "title", "role"}
MORE = {
    "a": {"href", "target"},
    "img": {"src", "alt", "border"},
    "table": {"border", "cellpadding", "cellspacing"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "font": {"color", "face", "size"},
}
# What lays a piece over others, or moves it out of its place, goes: the foot stays where it can be read.
STYLES = {
    "background", "background-color", "border", "border-bottom", "border-collapse", "border-color", "border-left",
    "border-radius", "border-right", "border-spacing", "border-style", "border-top", "border-width", "color", "direction",
    "display", "font", "font-family", "font-size", "font-style", "font-weight", "height", "letter-spacing", "line-height",
    "list-style", "list-style-type", "margin", "margin-bottom", "margin-left", "margin-right", "margin-top", "max-height",
    "max-width", "min-height", "min-width", "opacity", "overflow", "padding", "padding-bottom", "padding-left",
    "padding-right", "padding-top", "table-layout", "text-align", "text-decoration", "text-indent", "text-transform",
    "vertical-align", "white-space", "width", "word-break", "word-wrap",
}  # fmt: skip
NEGATIVE = re.compile(r"""(?<=["; ])(?:margin|text-indent)[a-z-]*:[^;"]*-\s*[\d.][^;"]*;?""")
LONGEST = 100_000
STYLE = re.compile(r'style="[^"]*"')
VOID = re.compile(r"<(br|hr|img)\b([^>]*?)\s*/?>")


def clean_markup(html: str) -> str:
    """The markup as MJML reads it. Liquid stays where it stood between elements and in values."""
    kept: list[str] = []
    mark = f"t{secrets.token_hex(6)}"

    def keep(found: re.Match[str]) -> str:
        kept.append(found[0])
        return f"{mark}n{len(kept) - 1}e"

    text = TAG.sub(keep, html[:LONGEST])
    cleaned = nh3.clean(
        text, tags=ELEMENTS, attributes={one: EVERY | MORE.get(one, set()) for one in ELEMENTS}, link_rel=None,
        url_schemes={"http", "https", "mailto", "tel"}, filter_style_properties=STYLES,
    )  # fmt: skip
    cleaned = STYLE.sub(lambda found: NEGATIVE.sub("", found[0]), cleaned)
    return re.sub(rf"{mark}n(\d+)e", lambda found: kept[int(found[1])], VOID.sub(r"<\1\2 />", cleaned))
