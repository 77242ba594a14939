"""Contacts, the roles they play, the ways to recognise them, what is known of them."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.folding import FoldedField
from lib.clock import now
from lib.times.moments import moments_in_range
from workspaces.owned import Owned, OwnedForeignKey


class ContactFrequency(models.IntegerChoices):
    """How much contact a person wants; the person sets it, and it has the last word."""

    NOTHING = 0, _("Nothing")
    LESS = 1, _("Less: two emails a month at most")
    NORMAL = 2, _("As usual")
    MORE = 3, _("More")


class Contact(Owned):
    """One person, whatever they are to the brand. `email` mirrors the email identity that mail goes to.

    `owner_id` is the member of the workspace who looks after them, if anybody does.
    """

    class DialogueMode(models.IntegerChoices):
        LISTEN = 0, _("Only listens")
        WRITE = 1, _("May write back and forth")
        CALL = 2, _("May be called")

    name = models.CharField(_("name"), max_length=200, blank=True)
    given_name = models.CharField(_("first name"), max_length=100, blank=True)
    family_name = models.CharField(_("last name"), max_length=100, blank=True)
    email = models.CharField(_("email"), max_length=254, blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    zone = models.CharField(_("time zone"), max_length=60, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    city = models.CharField(_("city"), max_length=100, blank=True)
    name_folded = FoldedField("name", max_length=200)
    given_name_folded = FoldedField("given_name", max_length=100)
    family_name_folded = FoldedField("family_name", max_length=100)
    city_folded = FoldedField("city", max_length=100)
    contact_frequency = models.SmallIntegerField(
        _("contact frequency"), choices=ContactFrequency, default=ContactFrequency.NORMAL
    )
    dialogue_mode = models.SmallIntegerField(_("how we talk"), choices=DialogueMode, default=DialogueMode.WRITE)
    paused_until = models.DateTimeField(_("paused until"), null=True, blank=True)
    is_profiled = models.BooleanField(_("may be scored"), default=True)
    complaint_since = models.DateTimeField(_("open complaint since"), null=True, blank=True)
    is_anonymous = models.BooleanField(default=False)
    owner_id = models.BigIntegerField(_("owner"), null=True, blank=True)
    created_at = models.DateTimeField(default=now)
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("contact")
        base_manager_name = "objects"
        constraints: ClassVar = [moments_in_range("paused_until", "complaint_since", name="contact_moments_in_range")]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "email"], name="contact_email"),
            models.Index(fields=["workspace", "-created_at", "-id"], name="contact_newest"),
            models.Index(fields=["workspace", "name", "id"], name="contact_name"),
            models.Index(
                fields=["workspace", "id"],
                condition=models.Q(erased_at=None, is_anonymous=False),
                name="contact_known",
            ),
            models.Index(
                fields=["workspace", "owner_id", "id"],
                condition=models.Q(owner_id__isnull=False),
                name="contact_owner",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email or (_("Visitor %(id)s") % {"id": self.pk})

    @property
    def initials(self) -> str:
        """Two letters for the avatar."""
        words = (self.name or self.email.split("@")[0] or "?").replace(".", " ").split() or ["?"]
        return (words[0][:1] + (words[-1][:1] if len(words) > 1 else "")).upper()


class Audience(models.IntegerChoices):
    """What a person can be to the brand; several at once."""

    CUSTOMER = 1, _("Customer")
    PROSPECT = 2, _("Prospect")
    INFLUENCER = 3, _("Influencer")
    EMPLOYEE = 4, _("Employee")
    CRITIC = 5, _("Critic")


class AudienceRole(Owned):
    """A role a contact plays, since when and until when, and how we know."""

    contact = OwnedForeignKey(Contact, as_set=True, related_name="roles")
    role = models.SmallIntegerField(choices=Audience)
    since = models.DateTimeField(default=now)
    until = models.DateTimeField(null=True, blank=True)
    source = models.CharField(max_length=80, blank=True)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "contact", "role"], condition=models.Q(until=None), name="one_open_role_each"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "role", "contact"], condition=models.Q(until=None), name="role_people"),
            models.Index(fields=["workspace", "contact"], name="role_contact"),
        ]

    def __str__(self) -> str:
        return str(Audience(self.role).label)

    @property
    def is_critic(self) -> bool:
        return self.role == Audience.CRITIC


class Identity(Owned):
    """One way to recognise a contact. `kind` is also the trust order: the lower, the more it proves.

    One that is former (since `former_since`) still recognises the person, and nothing is sent to it. Of the current
    ones of a kind exactly one is the primary: of emails the one that Contact.email mirrors, of other kinds the one
    preferred last, else the one known longest (primary_address.sql).

    One that is shared (since `shared_since`: info@, a family's phone) stands once for each contact who uses it, whose id
    is its `shared_key` then. Messages may go there, but it tells nobody apart: it merges nobody (contacts/sharing.py).
    """

    class Shared(models.TextChoices):
        BY_HAND = "hand", _("a colleague said so")
        FUNCTION = "role", _("the mailbox of a function, not of a person")
        NOTICED = "noticed", _("people with different customer numbers use it")

    class Kind(models.IntegerChoices):
        EXTERNAL_ID = 1, _("customer number")
        EMAIL = 2, _("email")
        PHONE = 3, _("phone")
        HANDLE = 4, _("social handle")
        DEVICE = 5, _("browser or device")
        PUSH = 6, _("notifications in a browser")

    contact = OwnedForeignKey(Contact, as_set=True, related_name="identities")
    kind = models.SmallIntegerField(choices=Kind)
    value = models.CharField(max_length=320)
    verified_at = models.DateTimeField(null=True, blank=True)
    evidence = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField(default=now)
    preferred_at = models.DateTimeField(null=True, blank=True)
    former_since = models.DateTimeField(null=True, blank=True)
    shared_key = models.BigIntegerField(default=0, db_default=0, editable=False)
    shared_since = models.DateTimeField(null=True, blank=True)
    shared_why = models.CharField(max_length=8, choices=Shared, blank=True, default="", db_default="")
    shared_by = models.CharField(max_length=120, blank=True, default="", db_default="")

    class Meta:
        base_manager_name = "objects"
        verbose_name = _("identity")
        verbose_name_plural = _("identities")
        constraints: ClassVar = [
            models.UniqueConstraint(  # recording reads nothing but this index of people who are known
                fields=["workspace", "kind", "value", "shared_key"],
                include=["id", "contact"],
                name="identity_tells_one",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["workspace", "contact"], name="identity_contact")]

    def __str__(self) -> str:
        return self.value


class FieldValue(Owned):
    """One field of one contact beyond the fixed ones, in the column of its type."""

    contact = OwnedForeignKey(Contact, as_set=True, related_name="field_values")
    name = models.CharField(max_length=80)
    text = models.CharField(max_length=500, blank=True)
    folded = FoldedField("text", max_length=500)
    number = models.FloatField(null=True, blank=True)
    moment = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField(default=now)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "contact", "name"], name="one_trait_each"),
            moments_in_range("moment", name="trait_moment_in_range"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "folded", "name"], name="trait_text"),
            models.Index(
                fields=["workspace", "name", "number"], condition=models.Q(number__isnull=False), name="trait_number"
            ),
            models.Index(
                fields=["workspace", "name", "moment"], condition=models.Q(moment__isnull=False), name="trait_moment"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Tag(Owned):
    """A tag on a contact, kept as it was written and compared without case."""

    contact = OwnedForeignKey(Contact, as_set=True, related_name="tags")
    name = models.CharField(max_length=60)
    folded = FoldedField("name", max_length=60)
    source = models.CharField(max_length=80, blank=True, default="", db_default="")

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "name", "contact"], name="one_tag_each")]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "contact"], name="tag_contact"),
            models.Index(fields=["workspace", "folded", "contact"], name="tag_people"),
        ]

    def __str__(self) -> str:
        return self.name


class SearchTerm(Owned):
    """One word by which a contact is found; a prefix is a range over plain text, so row security keeps its index."""

    is_derived = True
    keyed_by = ("term", "contact_id")

    contact = OwnedForeignKey(Contact)
    term = models.CharField(max_length=120, db_collation="C")

    class Meta:
        base_manager_name = "objects"
        indexes: ClassVar = [models.Index(fields=["workspace", "contact"], name="term_contact")]

    def __str__(self) -> str:
        return self.term
