"""What people ask by law (GDPR, articles 15 to 21), and what was done about it."""

from typing import Any, ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from lib.clock import now
from lib.times.moments import moments_in_range
from workspaces.owned import Owned, OwnedForeignKey


class PrivacyRequest(Owned):
    """One thing one person asks, with its legal term and everything that was done about it.

    `contact` is None while nobody knows who asks (`who` says what they said). `steps` holds {at, by, what, note} in order;
    a note holds no value of a field. `package` is the file of an access request and lies outside the database.
    """

    class Kind(models.TextChoices):
        ACCESS = "access", _("Access")
        ERASE = "erase", _("Erase")
        CORRECT = "correct", _("Correct")
        OBJECT = "object", _("Object")
        RESTRICT = "restrict", _("Restrict")
        MOVE = "move", _("Move")

    class Way(models.TextChoices):
        OWN_PAGE = "own_page", _("their own page")
        EMAIL = "email", _("by email")
        PHONE = "phone", _("by phone")
        LETTER = "letter", _("by letter")
        SHOP = "shop", _("at the shop")
        OTHER = "other", _("another way")

    class Identity(models.TextChoices):
        UNCHECKED = "", _("not checked yet")
        SIGNED_LINK = "signed_link", _("signed link")
        FROM_ADDRESS = "from_address", _("answered from their address")
        CALLED_BACK = "called_back", _("called back")
        DOCUMENT = "document", _("showed a document")

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        AGREED = "agreed", _("A second person has to agree")
        ANSWERED = "answered", _("Answered")
        REFUSED = "refused", _("Refused, with a reason")

    class Package(models.TextChoices):
        NONE = "", _("not made yet")
        WANTED = "wanted", _("being made")
        READY = "ready", _("ready")
        FAILED = "failed", _("could not be made")
        GONE = "gone", _("no longer kept")

    kind = models.CharField(_("Asks for"), max_length=8, choices=Kind)
    contact = OwnedForeignKey(Contact, null=True, blank=True, in_database="NO ACTION", related_name="privacy_requests")
    who = models.CharField(_("Who asks"), max_length=200, blank=True)
    details = models.TextField(_("In their words"), blank=True)
    way = models.CharField(_("Came"), max_length=10, choices=Way, default=Way.OTHER)
    received_at = models.DateTimeField(_("Received"), default=now)
    due_on = models.DateField()
    is_extended = models.BooleanField(default=False)
    identity = models.CharField(max_length=12, choices=Identity, blank=True, default=Identity.UNCHECKED)
    assignee_id = models.BigIntegerField(null=True, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    agreed_by_id = models.BigIntegerField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    steps = models.JSONField(default=list)
    package_state = models.CharField(max_length=8, choices=Package, blank=True, default=Package.NONE)
    package = models.CharField(max_length=200, blank=True)
    package_made_at = models.DateTimeField(null=True, blank=True)
    package_bytes = models.BigIntegerField(default=0)
    package_counts = models.JSONField(default=list)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [moments_in_range("received_at", name="privacy_moments_in_range")]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "state", "due_on", "id"], name="privacy_open"),
            models.Index(fields=["workspace", "contact"], name="privacy_contact"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} #{self.pk}"

    @property
    def is_open(self) -> bool:
        """Whether an answer is owed."""
        return self.state in {self.State.OPEN, self.State.AGREED}

    def note(self, what: str, *, by_id: int | None, note: str = "") -> None:
        """Write down that something was done; the caller saves."""
        step: dict[str, Any] = {"at": now().isoformat(), "by": by_id, "what": what, "note": note[:300]}
        self.steps = [*self.steps, step]


class Retention(Owned):
    """How long the workspace keeps what nobody asked it to keep; at most one row, without one the defaults hold."""

    authors_days = models.PositiveSmallIntegerField(
        _("Strangers who wrote in public"),
        default=90,
        validators=[MinValueValidator(1), MaxValueValidator(3650)],
        help_text=_("Days after which their name and words are forgotten, unless we talked with them or know them."),
    )

    pages_months = models.PositiveSmallIntegerField(
        _("Pages that people looked at"),
        default=25,
        validators=[MinValueValidator(1), MaxValueValidator(120)],
        help_text=_("Months after which we forget which page it was. That they looked stays, for what is counted."),
    )

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace"], name="one_retention")]

    def __str__(self) -> str:
        return f"{self.authors_days}"
