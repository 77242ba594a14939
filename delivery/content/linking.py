"""Links of a message: each gets a number, its target stays with us, so that a click can be counted but not misled."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape, unescape

from delivery.content.link_parameters import with_parameters
from delivery.content.marking import KEPT, Keeper, place
from delivery.content.texts import write_text

ANCHOR = re.compile(
    r'(<a(?:\s+(?!href=)[^\s>=]+(?:="[^"]*")?)*\s+href=")([^"]*)("(?:[^">]|"[^"]*")*>)(.*?)(?=</a>)',
    re.IGNORECASE | re.DOTALL,
)
PICTURE = re.compile(r'<img\b[^>]*?\balt="([^"]*)"', re.IGNORECASE)
SPLIT = re.compile(f"({KEPT.pattern.replace('(', '(?:')})")
CONDITION = re.compile(r"\{%-?\s*(?:if|elsif|else|endif|unless|endunless|case|when|endcase)\b")
FIXED_HEAD = re.compile(r"https?://[^/?#\s]+[/?#]|mailto:|tel:|#", re.IGNORECASE)
UNQUOTABLE = re.compile(r"[{}%\"'\\\s]+")
CHOSEN = re.compile(
    r"\{\{ picks\.b[0-9a-f]{1,8}\[\d\]\.link \}\}"
)  # an address of the library, looked at when it came in
COUNTED = ("http://", "https://")
PLAIN = ("mailto:", "tel:", "#")
HONEYPOT = 999
FIRST_PICKED = 1_000  # numbers of links that blocks choose for each reader (delivery/picked.py)
MOST_LINKS = 200


@dataclass
class Links:
    """The links of one message: (number, target, label), and what is wrong with some."""

    rows: list[tuple[int, str, str]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def number_links(
    html: str, keeper: Keeper | None = None, *, counts: bool, parameters: Mapping[str, str] | None = None
) -> tuple[str, Links]:
    """The markup with a place in each counted link; `parameters` are added to the query of each whole address.

    A link by condition between whole addresses is counted for each of them. One that holds a field is not counted; where
    a field or a condition says where it leads, its target is looked at when it is written: the web, or nobody gets it.
    """
    links = Links()

    def rewrite(match: re.Match[str]) -> str:
        before, href, after, inside = match.groups()
        target = unescape(href).strip()
        if _is_our_place(target) or (keeper and CHOSEN.fullmatch(keeper.put_back(target))):
            return match[0]
        if KEPT.search(target) and FIXED_HEAD.match(target):
            href = escape(target)
        elif keeper and (pieces := _alternatives(target, keeper)):
            href = "".join(numbered(one.strip(), inside) if not KEPT.fullmatch(one) else one for one in pieces)
        elif keeper and _may_become_one(target):
            href = _looked_at(target, keeper)
        elif not target.lower().startswith((*COUNTED, *PLAIN)) or KEPT.split(target)[0].lower() in COUNTED:
            links.refused += [(keeper.put_back(target) if keeper else target)[:80]] if target else []
            href = "#"
        else:
            href = numbered(target, inside)
        return before + href + after + inside

    def numbered(target: str, inside: str) -> str:
        target = with_parameters(target, parameters or {})
        if not counts or not target.lower().startswith(COUNTED) or len(links.rows) >= MOST_LINKS:
            return escape(target)
        number = len(links.rows) + 1
        links.rows.append((number, target, _label(inside)))
        return place(number)

    return ANCHOR.sub(rewrite, html), links


def _alternatives(target: str, keeper: Keeper) -> list[str]:
    """The pieces of `{% if … %}https://…{% else %}https://…{% endif %}`; none when a piece is no whole address."""
    pieces = [piece for piece in SPLIT.split(target) if piece.strip()]
    tags = [keeper.tags[int(number)] for number in KEPT.findall(target)]
    are_whole = all(one.strip().lower().startswith((*COUNTED, *PLAIN)) for one in pieces if not KEPT.fullmatch(one))
    return pieces if tags and are_whole and all(CONDITION.match(tag) for tag in tags) else []


def _may_become_one(target: str) -> bool:
    """Whether a target that holds tags can become an address of the web, by what stands before the first of them."""
    head, *tags = KEPT.split(target.lower(), maxsplit=1)
    return bool(tags) and any(head.startswith(one) or one.startswith(head) for one in (*COUNTED, *PLAIN))


def _looked_at(target: str, keeper: Keeper) -> str:
    """The target behind the filter `web_address`, which is told what the link was called."""
    said = UNQUOTABLE.sub("", keeper.put_back(target)).strip()[:80]
    name = f"link_{len(keeper.tags)}"
    begin, end = keeper.keep(f"{{% capture {name} %}}"), keeper.keep("{% endcapture %}")
    return begin + escape(target) + end + keeper.keep(f'{{{{ {name} | web_address: "{said}" }}}}')


def _is_our_place(target: str) -> bool:
    return target in {place("unsubscribe"), place("page"), place("honeypot")}


def _label(inside: str) -> str:
    words = write_text(KEPT.sub("…", inside)).strip().replace("\n", " ")
    picture = PICTURE.search(inside)
    return (words or (picture[1] if picture else ""))[:200]
