"""What may be wrong with a link of any block."""

from collections.abc import Iterator

from django.utils.translation import gettext, gettext_lazy

from emails.blocks.base import Flaw
from emails.links import leads_somewhere


def link_flaws(target: str, *, may_lack: bool = False) -> Iterator[Flaw]:
    """Of one link: it is missing, or leads nowhere that an email may lead."""
    if not target.strip():
        if not may_lack:
            yield Flaw(gettext_lazy("link"), gettext_lazy("It has no link yet."), stops=True)
    elif not leads_somewhere(target):
        said = gettext("“%(link)s” is no address of the web. Write it with https:// in front.") % {"link": target[:80]}
        yield Flaw(gettext_lazy("link"), said, stops=True)
