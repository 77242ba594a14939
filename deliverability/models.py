"""What we know of how our emails are received: looks at the DNS, seed mailboxes, reports of receivers, warm-up plans."""

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from delivery.models import Sender
from lib.clock import now
from workspaces.owned import Owned, OwnedForeignKey


class DomainLook(Owned):
    """What the DNS said of a sender's domain when we looked last (`judging.Finding`, as JSON); one row a sender.

    `wanted_at`: somebody asked to look again. `first_ready_at`: since when it has been complete for the first time.
    """

    sender = OwnedForeignKey(Sender, related_name="domain_looks")
    domain = models.CharField(max_length=253)
    findings: Any = models.JSONField(default=list)
    kept_at = models.CharField(max_length=253, blank=True)  # the domain of the name servers that keep it
    is_ready = models.BooleanField(default=False)
    looked_at = models.DateTimeField(null=True)
    wanted_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)
    first_ready_at = models.DateTimeField(null=True)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "sender"], name="one_look_a_sender")]
        indexes: ClassVar = [models.Index(fields=["workspace", "next_at"], name="domain_look_next")]

    def __str__(self) -> str:
        return self.domain


class DkimKey(Owned):
    """A key that signs what goes out in a domain's name. `seen_at`: since when the DNS shows it; before, it does not sign.

    `sealed_private` is its PEM (lib.sealing); `public` what stands in the DNS. `retired_at`: a newer one signs.
    """

    class Kind(models.TextChoices):
        RSA = "rsa", "RSA"
        ED25519 = "ed25519", "Ed25519"

    domain = models.CharField(max_length=253)
    kind = models.CharField(max_length=8, choices=Kind)
    selector = models.CharField(max_length=40)
    public = models.TextField()
    sealed_private = models.BinaryField(default=bytes)
    made_at = models.DateTimeField(default=now)
    seen_at = models.DateTimeField(null=True)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "domain", "selector"], name="one_key_a_selector")
        ]

    def __str__(self) -> str:
        return f"{self.selector}._domainkey.{self.domain}"


class SeedMailbox(Owned):
    """A mailbox of ours at a provider, read back by IMAP to see where our emails land. `sealed_secret`: its password."""

    name = models.CharField(_("Name"), max_length=80)
    address = models.EmailField(_("Address"), max_length=254)
    host = models.CharField(_("IMAP server"), max_length=200)
    port = models.PositiveIntegerField(_("Port"), default=993)
    security = models.CharField(
        _("Encryption"),
        max_length=8,
        choices=[("tls", "TLS"), ("none", _("None (only inside your own network)"))],
        default="tls",
    )
    username = models.CharField(_("User name"), max_length=200)
    sealed_secret = models.BinaryField(default=bytes, blank=True)
    junk_folder = models.CharField(_("Junk folder"), max_length=120, blank=True)
    last_error = models.CharField(max_length=300, blank=True)

    class Meta:
        base_manager_name = "objects"
        ordering = ("name", "pk")

    def __str__(self) -> str:
        return self.name


class SeedTest(Owned):
    """One email to one seed mailbox, and where it was found. `token` stands in its subject."""

    class Place(models.TextChoices):
        SENDING = "sending", _("being sent")
        WAITING = "waiting", _("not arrived yet")
        INBOX = "inbox", _("Inbox")
        JUNK = "junk", _("Junk")
        ELSEWHERE = "elsewhere", _("Another folder")
        MISSING = "missing", _("Never arrived")
        FAILED = "failed", _("Could not be sent")
        UNREAD = "unread", _("Mailbox could not be read")  # nobody knows where it lies

    sender = OwnedForeignKey(Sender, related_name="seed_tests")
    mailbox = OwnedForeignKey(SeedMailbox, related_name="tests")
    run = models.UUIDField()
    token = models.CharField(max_length=24)
    place = models.CharField(max_length=10, choices=Place, default=Place.SENDING)
    asked_at = models.DateTimeField(default=now)
    sent_at = models.DateTimeField(null=True)
    looked_at = models.DateTimeField(null=True)
    found_at = models.DateTimeField(null=True)
    seconds = models.PositiveIntegerField(null=True)
    spf = models.CharField(max_length=12, blank=True)
    dkim = models.CharField(max_length=12, blank=True)
    dmarc = models.CharField(max_length=12, blank=True)
    folder = models.CharField(max_length=120, blank=True)
    said = models.CharField(max_length=300, blank=True)

    class Meta:
        base_manager_name = "objects"
        indexes: ClassVar = [
            models.Index(fields=["workspace", "sender", "-asked_at"], name="seed_test_of"),
            models.Index(
                fields=["workspace", "asked_at"],
                condition=models.Q(place__in=("sending", "waiting")),
                name="seed_waits",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sender_id} → {self.mailbox_id}: {self.place}"


class DmarcReport(Owned):
    """One aggregate report of one receiver about one domain of ours (RFC 9990); the same one is taken once."""

    domain = models.CharField(max_length=253)
    receiver = models.CharField(max_length=200)
    report_id = models.CharField(max_length=200)
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    policy = models.CharField(max_length=12, blank=True)
    email_count = models.BigIntegerField(default=0)
    taken_at = models.DateTimeField(default=now)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "domain", "receiver", "report_id"], name="one_report_once")
        ]
        indexes: ClassVar = [models.Index(fields=["workspace", "domain", "-ends_at"], name="dmarc_report_of")]

    def __str__(self) -> str:
        return f"{self.receiver} {self.report_id}"


class DmarcRow(Owned):
    """What a report says of one source: how many emails, and whether SPF and DKIM passed and were aligned."""

    report = OwnedForeignKey(DmarcReport, related_name="rows")
    address = models.GenericIPAddressField()
    email_count = models.BigIntegerField()
    spf_aligned = models.BooleanField()
    dkim_aligned = models.BooleanField()
    disposition = models.CharField(max_length=12, blank=True)
    signed_by = models.CharField(max_length=253, blank=True)
    selector = models.CharField(max_length=120, blank=True)

    class Meta:
        base_manager_name = "objects"
        indexes: ClassVar = [models.Index(fields=["workspace", "report"], name="dmarc_row_report")]

    def __str__(self) -> str:
        return f"{self.address}: {self.email_count}"


class DmarcRefusal(Owned):
    """A report that we did not take, and why: broken, too big when unpacked, about somebody else's domain."""

    said = models.CharField(max_length=40)
    receiver = models.CharField(max_length=200, blank=True)
    bytes_count = models.BigIntegerField(default=0)
    at = models.DateTimeField(default=now)

    class Meta:
        base_manager_name = "objects"
        indexes: ClassVar = [models.Index(fields=["workspace", "-at"], name="dmarc_refusal_at")]

    def __str__(self) -> str:
        return self.said
