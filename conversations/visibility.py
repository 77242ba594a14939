"""Who can read what somebody wrote; an answer is never read by more people than what it answers."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class Visibility(models.TextChoices):
    """The widest first. "" is a message to us alone: mail, a form, a call."""

    PUBLIC = "public", _("Everyone")
    UNLISTED = "unlisted", _("Everyone, in no list")
    FOLLOWERS = "followers", _("Followers")
    DIRECT = "direct", _("Only who is named")


WIDTHS = [str(one) for one in Visibility]


def visibility_of(visibility: str, *, is_public: bool) -> str:
    """What is known of who can read it: what its network said, else whether everybody can."""
    return visibility if visibility in WIDTHS else Visibility.PUBLIC if is_public else ""


def narrower(asked: str, given: str) -> str:
    """The narrower of what an answer should be and what it answers is: `asked` counts only where it narrows.

    Something unknown is taken for the narrowest, so that a mistake shows less and never more.
    """
    if given not in WIDTHS:
        return given if given == "" else Visibility.DIRECT
    if asked not in WIDTHS:
        return given
    return max(asked, given, key=WIDTHS.index)


def choices_for(given: str) -> list[tuple[str, Any]]:
    """(value, words) of whom an answer may reach, the widest first; wider ones are absent."""
    return [one for one in Visibility.choices if given in WIDTHS and WIDTHS.index(one[0]) >= WIDTHS.index(given)]
