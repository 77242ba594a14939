"""Where a provider tells us what became of the emails that it carried."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from delivery.models.senders import Sender
from lib.clock import now
from workspaces.owned import Owned, OwnedForeignKey


class ProviderWebhook(Owned):
    """The address at which one provider tells of one sender's emails; one a sender.

    `sealed_secret` is what its calls are proven with (lib.sealing). Counts are of calls and events that came in:
    `taken_count` events that meant an email of ours, `unknown_count` others, `refused_count` calls that proved nothing.
    """

    sender = OwnedForeignKey(Sender, related_name="provider_webhooks")
    provider = models.CharField(_("Provider"), max_length=12)
    sealed_secret = models.BinaryField(default=bytes, blank=True)
    made_at = models.DateTimeField(default=now)
    heard_at = models.DateTimeField(null=True)
    taken_count = models.BigIntegerField(default=0)
    unknown_count = models.BigIntegerField(default=0)
    refused_count = models.BigIntegerField(default=0)
    refused_at = models.DateTimeField(null=True)
    refusal = models.CharField(max_length=200, blank=True)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "sender"], name="one_provider_webhook_a_sender")
        ]

    def __str__(self) -> str:
        return f"{self.sender_id}: {self.provider}"
