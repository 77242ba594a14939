"""Who messages come from, and tries of them."""

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from lib.clock import now
from workspaces.owned import Owned, OwnedForeignKey

TEXT_KIND = "sms"  # the messenger of texts for phones
LETTER_KIND = "letter"  # the messenger of printed letters
PUSH_KIND = "push"  # the messenger of notifications in browsers
TEXT_KINDS = frozenset({TEXT_KIND, "whatsapp", "rcs"})  # those that carry words alone: no frame, no subject, no foot


class Sender(Owned):
    """Who messages come from, and by which messenger they leave.

    `settings` are the messenger's own (its Settings class says which), without secrets; `sealed_secret` is its
    password or key (lib.sealing). `price_milli`: thousandths of the workspace's currency for a unit of what it sends,
    `postage_milli` for each message beside (pricing.py).
    """

    kind = models.CharField(_("kind"), max_length=20, default="smtp")  # a messenger's `kind`
    name = models.CharField(_("name"), max_length=80)
    settings: Any = models.JSONField(default=dict)
    sealed_secret = models.BinaryField(default=bytes, blank=True)
    per_second = models.PositiveIntegerField(_("messages a second at most"), default=50)
    price_milli = models.PositiveIntegerField(default=0, db_default=0)
    postage_milli = models.PositiveIntegerField(default=0, db_default=0)
    tested_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=300, blank=True)
    failures = models.PositiveSmallIntegerField(default=0, db_default=0)  # in a row; from MOST_FAILURES on it rests
    rests_until = models.DateTimeField(null=True, blank=True)
    takes_any_letters = models.BooleanField(default=False)  # its server offered SMTPUTF8 when we last spoke to it

    class Meta:
        base_manager_name = "objects"
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Trial(Owned):
    """A message to a member that counts for nothing: asked for on a page, sent by a worker (test_sends.py).

    Without a message it is a line in plain words, to try the sender. `contact_id` is the person it is written for as
    an example. `said` is what to tell whoever asked; never what the other side wrote. `spam_words`: what the rules of a
    spam filter on this machine say, "" where there is none.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Being tried")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Not sent")

    sender = OwnedForeignKey(Sender, related_name="trials")
    message = OwnedForeignKey("delivery.Message", null=True, blank=True, related_name="trials")
    contact_id = models.BigIntegerField(null=True)
    by_id = models.BigIntegerField()
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    said = models.CharField(max_length=300, blank=True)
    spam_words = models.CharField(max_length=500, blank=True, default="", db_default="")
    is_spam = models.BooleanField(default=False, db_default=False)
    asked_at = models.DateTimeField(default=now)
    leased_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        base_manager_name = "objects"
        indexes: ClassVar = [
            models.Index(fields=["workspace", "sender", "message", "-asked_at"], name="trial_of"),
            models.Index(fields=["workspace", "asked_at"], condition=models.Q(state="waiting"), name="trial_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.sender_id}: {self.state}"
