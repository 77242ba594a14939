"""What members are told of: which news, in which words, where it leads."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from lib.signs import Text


@dataclass(frozen=True)
class NoticeKind:
    """A kind of news for one member.

    `says` is a sentence; with `%(who)s` in it, a member did it. `leads_to` is the name of a page inside the workspace
    that takes the subject's number. `called(ids)`: subject → what it is called, for those that this workspace still
    has; the others are not shown.
    """

    name: str
    says: Text
    icon: str
    leads_to: str
    called: Callable[[Sequence[int]], Mapping[int, str]]
    permission: str
