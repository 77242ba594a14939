"""Lint an email: what breaks and what is simpler in twelve mail clients, what it weighs, where its links lead."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from django.utils.translation import gettext as _

from emails.lint.clients import CLIENTS, Client
from emails.lint.css_uses import read_sheet, read_style
from emails.lint.fallbacks import Grade, Words
from emails.lint.html_uses import html_uses
from emails.lint.judging import Finding, judge
from emails.lint.links import Link, look_at_links
from emails.lint.pages import Page, read_page
from emails.lint.support import support
from emails.lint.uses import Use

CLIPPED = 102_000  # Gmail shows the first 102 kB of an email's HTML and a link to the rest
AIM = 100_000
HEAVY_PICTURES = 1_000_000
MOST_READ, MOST_CSS = 600_000, 200_000  # characters; what is longer is looked at up to there
MOST_BROKEN = 5


@dataclass(frozen=True, slots=True)
class Weight:
    """Bytes: of the HTML, and of those pictures that are ours; `unknown_pictures` lie elsewhere."""

    html: int
    pictures: int = 0
    unknown_pictures: int = 0

    @property
    def kilobytes(self) -> int:
        """Of the HTML, rounded up."""
        return -(-self.html // 1_000)

    @property
    def is_clipped(self) -> bool:
        """Whether Gmail hides its end."""
        return self.html > CLIPPED


@dataclass(frozen=True, slots=True)
class Holds:
    """How the email holds in one client: `texts` say in few words what is other than drawn."""

    client: Client
    grade: Grade
    texts: tuple[Words, ...]

    @property
    def tone(self) -> str:
        """The class of what is said."""
        return {Grade.BREAKS: "tone-bad", Grade.SIMPLER: "tone-warn"}.get(self.grade, "quiet")


@dataclass(frozen=True, slots=True)
class Report:
    """What the lint found. `troubles` are sentences about what could not be read or is too much; `of` is caniemail's day."""

    findings: tuple[Finding, ...]
    weight: Weight
    links: tuple[Link, ...]
    troubles: tuple[str, ...]
    of: date

    @property
    def clients(self) -> list[Holds]:
        """Each of the twelve, in their order."""
        return [self._holds(one) for one in CLIENTS]

    @property
    def breaks(self) -> list[Holds]:
        """The clients in which a reader is harmed."""
        return [one for one in self.clients if one.grade == Grade.BREAKS]

    @property
    def simpler(self) -> list[Holds]:
        """The clients in which something is simpler, and nothing breaks."""
        return [one for one in self.clients if one.grade == Grade.SIMPLER]

    @property
    def light_only(self) -> list[Holds]:
        """The clients in which nothing but the colours of dark mode is lost."""
        return [one for one in self.clients if one.grade == Grade.LIGHT]

    @property
    def broken_links(self) -> list[Link]:
        """Those that lead nowhere."""
        return [one for one in self.links if one.trouble]

    @property
    def noted_links(self) -> list[Link]:
        """Those of which something is to be said: what leads nowhere, then what somebody may stumble over."""
        return sorted((one for one in self.links if one.trouble or one.remark), key=lambda one: not one.trouble)

    def _holds(self, client: Client) -> Holds:
        said = [one for finding in self.findings for one in finding.verdicts if one.client == client]
        worst = max((one.grade for one in said), default=Grade.SAME)
        texts = dict.fromkeys(one.text for one in said if one.grade == worst and worst > Grade.SAME)
        return Holds(client, worst, tuple(texts))


def lint(html: str, *, picture_bytes: Mapping[str, int] | None = None) -> Report:
    """Look at an email as it is sent: framed, with its styles inline. Whatever it is, a report comes back.

    Blocks are told where comments <!--b:ID--> and <!--/b:ID--> stand around them. `picture_bytes`: address → bytes of
    those pictures whose weight is known (picture_weights.py). Nobody outside is asked: link_checking.py does.
    """
    page = read_page(html[:MOST_READ])
    uses, broken = _uses(page)
    weight = _weigh(html, page, picture_bytes or {})
    is_drawn = any(one.has_twin for one in page.elements)
    return Report(
        findings=tuple(judge(uses, is_drawn=is_drawn)),
        weight=weight,
        links=tuple(look_at_links(page.links)),
        troubles=tuple(_troubles(html, weight, broken)),
        of=date.fromisoformat(support().of),
    )


def _uses(page: Page) -> tuple[list[Use], list[str]]:
    uses, left = list(html_uses(page)), MOST_CSS
    broken: list[str] = []
    for sheet in page.sheets:
        found = read_sheet(sheet.css[: max(0, left)], sheet.media)
        uses += [replace(one, block=sheet.block) if sheet.block else one for one in found.uses]
        broken += found.broken
        left -= len(sheet.css)
    seen: set[str] = set()
    for element in page.elements:
        style = element.attributes.get("style", "")
        left -= 0 if style in seen else len(style)
        if not style or left < 0:
            continue
        seen.add(style)
        found = read_style(style)
        broken += found.broken
        uses += [
            replace(one, tag=element.tag, block=element.block, has_twin=element.has_twin, word_sees=element.word_sees)
            for one in found.uses
        ]
    return uses, broken


def _weigh(html: str, page: Page, known: Mapping[str, int]) -> Weight:
    sources = {one.attributes.get("src", "") for one in page.elements if one.tag == "img"}
    pictures = {one for one in sources if one.lower().startswith(("http://", "https://"))}
    size = len(html.encode("utf-8", "surrogatepass"))
    return Weight(size, sum(known.get(one, 0) for one in pictures), len(pictures - known.keys()))


def _troubles(html: str, weight: Weight, broken: list[str]) -> Iterator[str]:
    if len(html) > MOST_READ:
        yield _("It is too long to look through: only the first %(n)d kB were.") % {"n": MOST_READ // 1_000}
    if weight.is_clipped:
        yield _("Gmail hides what comes after the first 102 kB behind a link; the unsubscribe link with it.")
    if weight.pictures > HEAVY_PICTURES:
        yield _("Its pictures weigh %(n)d kB: on a phone they come late.") % {"n": weight.pictures // 1_000}
    for one in list(dict.fromkeys(broken))[:MOST_BROKEN]:
        yield _("A piece of CSS cannot be read, so mail clients leave it out: %(piece)s") % {"piece": one[:80]}
