"""Programmes, campaigns, letters, and one row for every person a campaign ever reached or spared."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.models import Audience, Contact, Segment, Topic
from engagement.models import Objective
from workspaces.owned import Owned, OwnedForeignKey


class MailServer(Owned):
    """An SMTP server that carries this workspace's letters. The password is sealed (ecrm.lib.sealing)."""

    class Security(models.TextChoices):
        NONE = "none", _("None (only inside your own network)")
        STARTTLS = "starttls", "STARTTLS"
        TLS = "tls", "TLS"

    name = models.CharField(_("name"), max_length=80)
    host = models.CharField(_("host"), max_length=200)
    port = models.PositiveIntegerField(_("port"), default=587)
    security = models.CharField(_("encryption"), max_length=10, choices=Security, default=Security.STARTTLS)
    username = models.CharField(_("user name"), max_length=200, blank=True)
    sealed_password = models.BinaryField(default=bytes, blank=True)
    from_name = models.CharField(_("sender's name"), max_length=120)
    from_email = models.EmailField(_("sender's address"))
    reply_to = models.EmailField(_("answers go to"), blank=True)
    return_path_domain = models.CharField(_("domain for returned mail"), max_length=200, blank=True)
    per_second = models.PositiveIntegerField(_("letters a second at most"), default=50)
    tested_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=300, blank=True)

    class Meta:
        base_manager_name = "objects"
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Programme(Owned):
    """Why the brand talks to an audience: role, value exchange both ways, objective, cap, holdout."""

    class Preset(models.TextChoices):
        NEWSLETTER = "newsletter", _("Newsletter")
        WELCOME = "welcome", _("Welcome")
        WIN_BACK = "win_back", _("Win back")
        LAUNCH = "launch", _("Launch")
        LOYALTY = "loyalty", _("Loyalty")
        SERVICE = "service", _("Service")

    name = models.CharField(_("name"), max_length=120)
    preset = models.CharField(_("kind"), max_length=12, choices=Preset, default=Preset.NEWSLETTER)
    purpose = models.CharField(_("its role"), max_length=300, blank=True)
    gives = models.CharField(_("what people get"), max_length=300, blank=True)
    asks = models.CharField(_("what we get"), max_length=300, blank=True)
    audience = models.SmallIntegerField(_("audience"), choices=Audience, default=Audience.CUSTOMER)
    objective = OwnedForeignKey(Objective, null=True, blank=True, in_database="NO ACTION")
    topic = OwnedForeignKey(Topic, null=True, blank=True, in_database="NO ACTION")
    weekly_cap = models.PositiveSmallIntegerField(_("letters a week at most"), default=3)
    holdout_percent = models.PositiveSmallIntegerField(_("held back for comparison, in %"), default=0)
    is_active = models.BooleanField(_("running"), default=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        base_manager_name = "objects"
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Campaign(Owned):
    """One letter to one segment, from draft to closed."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        APPROVED = "approved", _("Approved")
        SCHEDULED = "scheduled", _("Scheduled")
        PLANNING = "planning", _("Planning")
        SENDING = "sending", _("Sending")
        PAUSED = "paused", _("Paused")
        SENT = "sent", _("Sent")
        CANCELLED = "cancelled", _("Cancelled")

    class MessageClass(models.TextChoices):
        MARKETING = "marketing", _("Offer: only with consent to offers")
        SUBSCRIBED = "subscribed", _("Letter they asked for")
        TRANSACTIONAL = "transactional", _("Needed for an order or a contract")

    name = models.CharField(_("name"), max_length=120)
    programme = OwnedForeignKey(Programme, null=True, blank=True, in_database="NO ACTION")
    segment = OwnedForeignKey(Segment, null=True, blank=True, in_database="NO ACTION")
    topic = OwnedForeignKey(Topic, null=True, blank=True, in_database="NO ACTION")
    server = OwnedForeignKey(MailServer, null=True, blank=True, in_database="NO ACTION")
    message_class = models.CharField(_("kind of message"), max_length=14, choices=MessageClass, default="subscribed")
    subject = models.CharField(_("subject"), max_length=200, blank=True)
    preheader = models.CharField(_("preview line"), max_length=200, blank=True)
    body_format = models.CharField(max_length=10, default="markdown")
    body = models.TextField(_("letter"), blank=True)
    holdout_percent = models.PositiveSmallIntegerField(_("held back for comparison, in %"), default=0)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    state_reason = models.CharField(max_length=300, blank=True)
    scheduled_at = models.DateTimeField(null=True, blank=True)
    approved_by_id = models.BigIntegerField(null=True, blank=True)
    planned_at = models.DateTimeField(null=True, blank=True)
    planned_count = models.PositiveIntegerField(default=0)
    held_count = models.PositiveIntegerField(default=0)
    finished_at = models.DateTimeField(null=True, blank=True)
    created_by_id = models.BigIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        base_manager_name = "objects"
        ordering = ("-created_at", "-id")

    def __str__(self) -> str:
        return self.name


class AudienceChunk(Owned):
    """A thousand contact ids of a campaign, leased by one worker at a time; the epoch fences late writers.

    Those to be tried again later become a chunk of their own, with its moment.
    """

    campaign = OwnedForeignKey(Campaign, related_name="chunks")
    number = models.PositiveIntegerField()
    contact_ids = ArrayField(models.BigIntegerField())
    epoch = models.PositiveIntegerField(default=0)
    leased_until = models.DateTimeField(null=True, blank=True)
    leased_by = models.CharField(max_length=80, blank=True)
    not_before = models.DateTimeField(null=True, blank=True)
    is_done = models.BooleanField(default=False)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "campaign", "number"], name="chunk_number")
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id}/{self.number}"


class Delivery(Owned):
    """What became of one person in one campaign. The unique key is the lock: nobody is written to twice."""

    class State(models.IntegerChoices):
        QUEUED = 0, _("Waiting")
        SENDING = 1, _("Being handed over")
        SENT = 2, _("Handed over")
        DEFERRED = 3, _("Trying again later")
        FAILED = 4, _("Refused")
        EXCLUDED = 5, _("Not written to")
        IN_DOUBT = 6, _("Outcome unknown, not resent")
        CANCELLED = 7, _("Cancelled")

    campaign = OwnedForeignKey(Campaign, related_name="deliveries")
    contact = OwnedForeignKey(Contact, in_database="NO ACTION")
    address = models.CharField(max_length=254, blank=True)
    state = models.SmallIntegerField(choices=State, default=State.QUEUED)
    reason = models.CharField(max_length=40, blank=True)
    attempts = models.SmallIntegerField(default=0)
    epoch = models.PositiveIntegerField(default=0)
    answer = models.CharField(max_length=300, blank=True)
    not_before = models.DateTimeField(null=True, blank=True)
    queued_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    clicked_at = models.DateTimeField(null=True, blank=True)
    unsure_opened_at = models.DateTimeField(null=True, blank=True)
    machine_opened_at = models.DateTimeField(null=True, blank=True)
    bounced_at = models.DateTimeField(null=True, blank=True)
    complained_at = models.DateTimeField(null=True, blank=True)
    unsubscribed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        base_manager_name = "objects"
        verbose_name_plural = _("deliveries")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "campaign", "contact"], name="one_delivery_each")
        ]
        indexes: ClassVar = [models.Index(fields=["workspace", "contact", "-queued_at"], name="delivery_contact")]

    def __str__(self) -> str:
        return f"{self.campaign_id} → {self.contact_id}: {self.get_state_display()}"
