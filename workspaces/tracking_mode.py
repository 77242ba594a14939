"""How far may be measured what people do with emails."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class TrackingMode(models.IntegerChoices):
    """From nothing to everything; of two that hold, the smaller one counts.

    REACH keeps one date of a person: the day on which an email of ours was last fetched, and none before it. That much
    may be kept without a consent, to see whether an address is still read; FULL needs a consent of its own
    (CNIL, deliberation 2026-042).
    """

    NONE = 0, _("nothing")
    REACH = 1, _("the day of the last open")
    FULL = 2, _("opens and clicks")
