"""What people consented to, and which addresses are never written to again."""

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Value
from django.utils.translation import gettext_lazy as _

from contacts.channels import Channel
from contacts.models import Contact
from lib.clock import now
from lib.times.moments import moments_in_range
from workspaces.owned import Owned, OwnedForeignKey
from workspaces.tracking_mode import TrackingMode


class Basis(models.TextChoices):
    """The lawful basis of holding or writing."""

    CONSENT = "consent", _("Consent")
    CONTRACT = "contract", _("Contract")
    INTEREST = "interest", _("Legitimate interest")
    SOFT_OPT_IN = "soft_opt_in", _("Existing customer, similar products")


class Topic(Owned):
    """Something a person can ask for: a newsletter, offers, tastings. The relationship page speaks in these words.

    `basis` is why one may write for it where nothing else is said; a yes given from now on ends after `months`, None: never.
    """

    key = models.SlugField(max_length=40)
    name = models.CharField(_("name"), max_length=80)
    promise = models.CharField(_("what they get"), max_length=300, blank=True)
    asks = models.CharField(_("what we ask"), max_length=300, blank=True)
    is_private = models.BooleanField(default=False)
    basis = models.CharField(
        _("lawful basis"), max_length=12, choices=Basis, default=Basis.CONSENT, db_default=Basis.CONSENT
    )
    months = models.PositiveSmallIntegerField(
        _("a yes holds for so many months"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(120)],
    )
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        base_manager_name = "objects"
        ordering = ("position", "name")
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "key"], name="topic_key")]

    def __str__(self) -> str:
        return self.name


class ConsentWording(Owned):
    """The sentence a person saw when agreeing, kept once by its hash."""

    digest = models.CharField(max_length=32)
    text = models.TextField()

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "digest"], name="one_wording_each")]

    def __str__(self) -> str:
        return self.text[:60]


class Consent(Owned):
    """One yes or no of one contact for one topic (none = everything) on one channel. Only ever added to.

    The newest row of (contact, topic, channel) counts. The proof stands beside it. A row in the state UNDONE says that
    the word `undoes_id` was written by mistake: both read as if they had never been said.
    """

    class State(models.IntegerChoices):
        REQUESTED = 0, _("requested")
        GIVEN = 1, _("given")
        WITHDRAWN = 2, _("withdrawn")
        UNDONE = 3, _("undone: as if never said")

    contact = OwnedForeignKey(Contact, in_database="NO ACTION", as_set=True, related_name="consents")
    topic = OwnedForeignKey(Topic, in_database="NO ACTION", as_set=True, null=True, blank=True)
    channel = models.SmallIntegerField(choices=Channel, default=Channel.EMAIL)
    state = models.SmallIntegerField(choices=State)
    basis = models.CharField(max_length=12, choices=Basis, default=Basis.CONSENT)
    wording = OwnedForeignKey(ConsentWording, in_database="NO ACTION", as_set=True, null=True, blank=True)
    source = models.CharField(max_length=120, blank=True)
    touchpoint_id = models.UUIDField(null=True, blank=True)
    page = models.CharField(max_length=300, blank=True)
    language = models.CharField(max_length=10, blank=True)
    ip = models.GenericIPAddressField(null=True, blank=True)
    agent = models.CharField(max_length=300, blank=True)
    by_id = models.BigIntegerField(null=True, blank=True)
    at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField(null=True, blank=True)
    undoes_id = models.BigIntegerField(null=True, blank=True)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [
            moments_in_range("at", "expires_at", name="consent_moments_in_range"),
            models.UniqueConstraint(
                fields=["workspace", "undoes_id"], condition=models.Q(undoes_id__isnull=False), name="undone_once"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "contact", "channel", "topic", "-at", "-id"], name="consent_newest"),
            models.Index(fields=["workspace", "topic", "channel", "state", "contact"], name="consent_by_topic"),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()}: {self.get_state_display()}"


class TrackingConsent(Owned):
    """How far one contact lets us measure what they do with our emails. Only ever added to.

    The newest word of their own counts; who said none is spoken for by the files that named them (`from_file`), of which
    the one counts that allows least. `mode` None takes back what they said: the workspace's usual way holds. A row with
    `undoes_id` says that this word was written by mistake: both read as if they had never been said.
    """

    contact = OwnedForeignKey(Contact, in_database="NO ACTION", as_set=True, related_name="tracking_consents")
    mode = models.SmallIntegerField(choices=TrackingMode, null=True)
    wording = OwnedForeignKey(ConsentWording, in_database="NO ACTION", as_set=True, null=True, blank=True)
    source = models.CharField(max_length=120, blank=True)
    touchpoint_id = models.UUIDField(null=True, blank=True)
    page = models.CharField(max_length=300, blank=True)
    language = models.CharField(max_length=10, blank=True)
    ip = models.GenericIPAddressField(null=True, blank=True)
    agent = models.CharField(max_length=300, blank=True)
    by_id = models.BigIntegerField(null=True, blank=True)
    at = models.DateTimeField(default=now)
    from_file = models.BooleanField(default=False, db_default=False)
    undoes_id = models.BigIntegerField(null=True, blank=True)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [
            moments_in_range("at", name="tracking_moments_in_range"),
            models.UniqueConstraint(
                fields=["workspace", "undoes_id"],
                condition=models.Q(undoes_id__isnull=False),
                name="tracking_undone_once",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["workspace", "contact", "-at", "-id"], name="tracking_newest")]

    def __str__(self) -> str:
        return "–" if self.mode is None else self.get_mode_display()


class ConsentNow(Owned):
    """The word that counts of one person for one topic (none = everything) on one channel, kept by consent/settling.py.

    `contact` is who stands for the person today; nobody has a row who said nothing. `expires_at` is the first moment at
    which a yes ends. For sets: who proves something about one person reads the ledger.
    """

    is_derived = True

    contact = OwnedForeignKey(Contact)
    topic = OwnedForeignKey(Topic, null=True)
    channel = models.SmallIntegerField(choices=Channel)
    state = models.SmallIntegerField(choices=Consent.State)
    expires_at = models.DateTimeField(null=True)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "contact", "channel", "topic"], nulls_distinct=False, name="one_word_now"
            ),
            moments_in_range("expires_at", name="consent_now_in_range"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["workspace", "channel", "topic", "state"],
                include=["contact", "expires_at"],
                name="consent_now_by_topic",
            )
        ]

    def __str__(self) -> str:
        return f"{self.contact_id}: {self.get_state_display()}"


class Suppression(Owned):
    """An address that must not be written to, known only by its keyed hash, outside any contact.

    Deleting, merging or importing people cannot bring it back; only a newer proof row lifts it. `asked_by` are the sources
    that asked for it while it stood: taking one of them back lifts it only where no other did. An entry with `ends_at`
    holds an address until then (holding.py), and is no word about it.
    """

    class Reason(models.TextChoices):
        COMPLAINT = "complaint", _("Marked us as spam")
        BOUNCE = "bounce", _("Address does not work")
        OBJECTION = "objection", _("Wants nothing at all")
        MANUAL = "manual", _("Blocked by us")
        ERASED = "erased", _("Erased")
        BOUNCING = "bouncing", _("Bounced again and again")

    channel = models.SmallIntegerField(choices=Channel, default=Channel.EMAIL)
    address_hash = models.CharField(max_length=32)
    reason = models.CharField(max_length=10, choices=Reason)
    source = models.CharField(max_length=200, blank=True)
    asked_by = models.JSONField(default=list, db_default=Value([], models.JSONField()))
    at = models.DateTimeField(default=now)
    lifted_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "channel", "address_hash", "reason"], name="one_suppression_each"
            )
        ]
        indexes: ClassVar = [models.Index(fields=["workspace", "reason", "-at", "-id"], name="suppression_newest")]

    def __str__(self) -> str:
        return self.get_reason_display()


class ContactHours(Owned):
    """A span of the day in which people of a country ("" = all others) may get an offer, or be called.

    Rows of one country and one first day hold together; from the next first day on others hold instead. Where there is
    none, 8 to 20 o'clock holds every day.
    """

    is_calling = models.BooleanField(_("For"), choices=[(False, _("offers")), (True, _("calls"))], default=False)
    country = models.CharField(_("Country"), max_length=2, blank=True)
    opens = models.TimeField(_("From"))
    closes = models.TimeField(_("Until"))
    days = models.SmallIntegerField(default=127)
    valid_from = models.DateField(_("Holds from"))
    source = models.CharField(_("Source"), max_length=200, blank=True)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(opens__lt=models.F("closes")), name="hours_open_before_they_close"
            ),
            models.CheckConstraint(condition=models.Q(days__gte=1, days__lte=127), name="hours_of_some_day"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "is_calling", "country", "-valid_from"], name="hours_of")
        ]

    def __str__(self) -> str:
        return f"{self.country or '*'} {self.opens:%H:%M}-{self.closes:%H:%M}"


class ContactRules(Owned):
    """How many offers one person gets at most, and which interests they may tick (a line each; each is a tag).

    At most one row; without one the usual numbers hold.
    """

    offers_a_week = models.PositiveSmallIntegerField(_("Offers a week, at most"), default=3)
    offers_a_day = models.PositiveSmallIntegerField(_("Offers a day, at most"), default=1)
    interests = models.TextField(
        _("Interests people can tick on their own page"), blank=True, default="", db_default=""
    )

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace"], name="one_set_of_rules")]

    def __str__(self) -> str:
        return f"{self.offers_a_week} / {self.offers_a_day}"
