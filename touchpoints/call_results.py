"""What came of a call, as a colleague says it."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class CallResult(models.TextChoices):
    """The result of one call, in the words of its form."""

    TALKED = "talked", _("Talked")
    MESSAGE = "message", _("Left a message")
    NO_ANSWER = "no_answer", _("No answer")
    WRONG = "wrong_number", _("Wrong number")


def result_words(said: object) -> str:
    """The words for a result that stands in a fact, "" for anything else."""
    return str(CallResult(said).label) if said in CallResult.values else ""
