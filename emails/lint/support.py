"""What twelve mail clients show of HTML and CSS: the data of caniemail.com, shipped in support.json."""

from functools import cache
from pathlib import Path

import msgspec

PATH = Path(__file__).parent / "support.json"
SHOWS, PARTLY, NOT = "y", "a", "n"  # any other letter: nobody has told


class Feature(msgspec.Struct, frozen=True):
    """`support` has a letter for each client in their order; `on` the numbers of a client's `notes`."""

    title: str
    support: str
    on: dict[str, tuple[str, ...]] = {}
    notes: dict[str, str] = {}


class Support(msgspec.Struct, frozen=True):
    """`of` is the day of the data (2026-05-13)."""

    of: str
    clients: tuple[str, ...]
    features: dict[str, Feature]

    def letter(self, slug: str, client: str) -> str:
        """What a client does with a feature; "u" for what is not known."""
        feature = self.features.get(slug)
        return feature.support[self.clients.index(client)] if feature else "u"


# What every mail client takes out, and the data do not speak of.
NOWHERE = {"html-iframe": "<iframe> element", "html-script": "<script> element", "html-embed": "<embed> element"}


@cache
def support() -> Support:
    """Read once a process: 2 ms."""
    found = msgspec.json.decode(PATH.read_bytes(), type=Support)
    found.features.update({slug: Feature(title, NOT * len(found.clients)) for slug, title in NOWHERE.items()})
    return found
