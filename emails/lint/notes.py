"""Whether a note of caniemail on a client that shows a feature partly is about what this email does with it.

Each is known by words of its text, so that new data with other numbers are read alike; the first that fits answers.
"""

import re
from collections.abc import Callable

from emails.lint.uses import Use

Test = Callable[[Use], bool]
NEGATIVE = re.compile(r"-\s*\.?\d")
PIXELS = re.compile(r"(\d+(?:\.\d+)?)px")
NATURAL = {"img": "block", "p": "block", "div": "block", "table": "table", "td": "table-cell", "span": "inline"}
PLAIN_DISPLAYS = {"block", "inline", "inline-block", "table", "table-row", "table-cell", "none", "list-item"}
CURSORS = {"auto", "default", "pointer", "text", "wait", "help", "move", "progress", "crosshair"}
LARGEST_SHEET = 16_000


def never(_use: Use) -> bool:
    """It depends on the reader's account, or nothing is lost."""
    return False


def says(*words: str) -> Test:
    """The value has one of these words."""
    return lambda use: any(word in use.value for word in words)


def stands_on(*tags: str) -> Test:
    """It stands on one of these elements, and Outlook gets no table of its own there."""
    return lambda use: use.tag in tags and not use.has_twin and use.value not in {"auto", "100%", "0"}


def has_parts(use: Use) -> bool:
    """The value is of several words."""
    return len(use.value.split()) > 1


def _is_nested(use: Use) -> bool:
    return any(one.startswith("css-at-media") for one in use.within)


def _centres(use: Use) -> bool:
    return "auto" in use.value and use.tag in {"div", "section", "img"} and not use.has_twin


def _pads(use: Use) -> bool:
    """Room around words that no table cell gives. Lists are indented all the same."""
    is_zero = not re.search(r"[1-9]", use.value)
    kept = use.tag in {"td", "th", "ul", "ol", "body"} or use.has_twin or "mso-padding-alt" in use.beside
    return not (is_zero or kept or use.within)


def _is_wide(use: Use) -> bool:
    return not (use.tag in {"table", "td", ""} or use.has_twin)


def _lays_out(use: Use) -> bool:
    natural = use.value == NATURAL.get(use.tag, "block") or "mso-padding-alt" in use.beside
    return not (natural or use.has_twin or use.within)


def _weighs(low: int, high: int) -> Test:
    return lambda use: use.value.isdigit() and low < int(use.value) < high


NOTES: tuple[tuple[str, Test], ...] = (
    ("nested media queries", _is_nested),
    ("height based media queries", says("height")),
    ("only supports `screen`", says("orientation", "hover", "resolution", "aspect-ratio", "print")),
    ("landscape media query", says("landscape")),
    ("non google accounts", never),
    ("non gmail account", never),
    ("hotmail/outlook accounts", never),
    ("not supported with multiple values", has_parts),
    ("does not support multiple values", says(",")),
    ("`/ value` shorthand", says("/")),
    ("slash `/` notation", says("/")),
    ("only `background-color` values", says("url(", "gradient(")),
    ("color keywords from css level 1", lambda use: use.value.isalpha() and len(use.value) > 7),
    ("bigger than 8px", lambda use: any(float(one) > 8 for one in PIXELS.findall(use.value))),
    ("unreliable if used on a `<p>`", stands_on("p", "div")),
    ("`rem` values are not supported", says("rem")),
    ("does not support `rem`", says("rem", "ch")),
    ("`relative` and `percentage`", says("%", "smaller", "larger")),
    ("`<number>` values are not supported", lambda use: use.value.isdigit() and int(use.value) % 100 > 0),
    ("`<number>` values between 0 and 599", _weighs(400, 600)),
    ("not supported on `<body>`, `<span>`", stands_on("span", "div", "p")),
    ("only supported in lowercase", never),
    ("only supported with a space before", never),
    ("space before when used with", never),
    ("not supported inline", lambda use: not use.within),
    ("negative values", lambda use: bool(NEGATIVE.search(use.value))),
    ("values set in `em`", says("em")),
    ("behave weirdly", lambda use: use.tag in {"p", "div", "span", "a"} and "px" in use.value),
    ("not supported on `<span>` and `<body>`", stands_on("span")),
    ("included inside the `margin`", never),
    ("`auto` value is not supported", _centres),
    ("only works on `<table>` elements", _is_wide),
    ("`overflow-block`", never),
    ("scroll through", says("scroll", "auto")),
    ("only supported on table cells", _pads),
    ("vertical padding will be the same", never),
    ("flow-relative", lambda use: use.value in {"start", "end"}),
    ("`match-parent`", says("match-parent")),
    ("-webkit-match-parent", never),
    ("`overline` is not supported", says("overline")),
    ("only supports the line property", has_parts),
    ("`lowercase` value", lambda use: use.value == "lowercase"),
    ("word-wrap:break-word", never),
    ("adds `<wbr>`", never),
    ("url is not supported", says("url(")),
    ("url buggy", says("url(")),
    ("crosshair", lambda use: use.value not in CURSORS),
    ("do not work on `<table>`", lambda use: use.tag == "table" and use.value in {"left", "right"}),
    ("`<img>` elements are wrapped", lambda use: use.tag == "img"),
    ("only works on the `<table>` tag", lambda use: use.tag != "table"),
    ("not supported on `<td>` elements", lambda use: use.tag == "td"),
    ("buggy on anchor", lambda use: use.tag == "a"),
    ("percentage width on `<img>`", lambda use: use.tag == "img" and "%" in use.value),
    ("120 dpi", never),
    ("not live tested", never),
    ("inside the `<body>`", never),
    ("limited to 16 kb", lambda use: use.value.isdigit() and int(use.value) > LARGEST_SHEET),
    ("declared before their rules", never),
    ("onto nested `<table>`", never),
    ("does not inherit to inner tables", never),
    ("directly to an `<img>`", lambda use: use.tag == "img"),
    ("only supports `display:none`", _lays_out),
    ("`flow-root`", lambda use: use.value not in PLAIN_DISPLAYS),
    ("replaced by a `<div>`", never),
    ("always open in a new window", never),
    ("depends on browser support", never),
    ("does not support animation", never),
    ("converts file to jpg", never),
)  # fmt: skip


def is_about(note: str, use: Use) -> bool:
    """Whether the note's trouble is this use's. A note that we do not know always is."""
    text = note.lower()
    for words, test in NOTES:
        if words in text:
            return test(use)
    return True
