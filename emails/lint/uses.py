"""One use of a feature of HTML or CSS in an email."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Use:
    """`slug` is caniemail's name of the feature, `value` what was written, `name` the property, `tag` the element it stands on.

    `within` are the features that must work first (an @media around it); `beside` the other properties of the same
    rule; `has_twin` and `word_sees` as in pages.py.
    """

    slug: str
    value: str = ""
    name: str = ""
    tag: str = ""
    block: str = ""
    within: tuple[str, ...] = ()
    beside: frozenset[str] = frozenset()
    has_twin: bool = False
    word_sees: bool = True
