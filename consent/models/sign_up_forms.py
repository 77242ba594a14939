"""Forms by which people sign up, the words they were published with, and what was asked for through them."""

from datetime import timedelta
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.models import Audience, Contact
from lib.clock import now
from workspaces.owned import Owned, OwnedForeignKey
from workspaces.tracking_mode import TrackingMode

OPEN_DAYS = 7  # for so long the link of a confirmation email works
LANGUAGES = [("en", "English"), ("de", "Deutsch")]


class SignUpForm(Owned):
    """A form on a page of ours or of the brand's own, by which people ask for topics. What it says is its versions'."""

    name = models.CharField(_("name"), max_length=80)
    slug = models.SlugField(_("address"), max_length=60)
    language = models.CharField(_("language"), max_length=10, choices=LANGUAGES, default="en")
    allowed_origins = models.TextField(_("sites that may show it"), blank=True)
    days_kept = models.PositiveSmallIntegerField(_("days until who does not confirm is forgotten"), default=7)
    archived_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        base_manager_name = "objects"
        ordering = ("name", "id")
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "slug"], name="sign_up_form_address")]

    def __str__(self) -> str:
        return self.name


class FormVersion(Owned):
    """What a form says and asks, from the moment it was published until the next one is. The unpublished one is a draft.

    `texts` is {language: {name: words}} (consent/sign_up_forms/texts.py), `questions` a list of
    {name, kind, is_required, choices} (questions.py). `role` and `tag` are given to whoever confirms.
    """

    form = OwnedForeignKey(SignUpForm, related_name="versions")
    number = models.PositiveSmallIntegerField(default=0)  # 0: the draft
    texts: Any = models.JSONField(default=dict)
    questions: Any = models.JSONField(default=list)
    topic_ids = ArrayField(models.BigIntegerField(), default=list)
    asks_tracking = models.BooleanField(_("asks about measuring opens"), default=False)
    role = models.SmallIntegerField(_("role of who confirms"), choices=Audience, null=True, blank=True)
    tag = models.CharField(_("tag of who confirms"), max_length=60, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    published_by_id = models.BigIntegerField(null=True, blank=True)

    class Meta:
        base_manager_name = "objects"
        ordering = ("form", "-number")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "form", "number"], name="form_version_number")
        ]

    def __str__(self) -> str:
        return f"{self.form_id}/{self.number}"


class SignUp(Owned):
    """What somebody asked for through a form with an address that may be theirs; one email asks whether it is.

    `said` are the answers, applied when they confirm and not before. `made_contact`: nobody was known by the address,
    and the contact stands for this request alone until then. Who does not confirm is forgotten: the row stays for the
    numbers, without the person. The token of the email is kept nowhere: it is made of the row's id by a key
    (sign_up_forms/tokens.py), and `state` lets it work once.
    """

    class State(models.IntegerChoices):
        ASKED = 0, _("asked")
        CONFIRMED = 1, _("confirmed")
        REFUSED = 2, _("not them")
        FORGOTTEN = 3, _("forgotten")

    class Way(models.TextChoices):
        PAGE = "page", _("Its own page")
        EMBEDDED = "embedded", _("On your own page")
        CODE = "code", _("QR code")

    form = OwnedForeignKey(SignUpForm, in_database="NO ACTION", related_name="sign_ups")
    version = OwnedForeignKey(FormVersion, in_database="NO ACTION", related_name="sign_ups")
    contact = OwnedForeignKey(Contact, in_database="NO ACTION", null=True, blank=True, related_name="sign_ups")
    state = models.SmallIntegerField(choices=State, default=State.ASKED)
    made_contact = models.BooleanField(default=False)
    address = models.CharField(max_length=254, blank=True)
    said: Any = models.JSONField(default=dict)
    topic_ids = ArrayField(models.BigIntegerField(), default=list)
    tracking = models.SmallIntegerField(choices=TrackingMode, null=True, blank=True)  # None: not asked, or not answered
    way = models.CharField(max_length=8, choices=Way, default=Way.PAGE)
    page = models.CharField(max_length=300, blank=True)
    language = models.CharField(max_length=10, blank=True)
    ip = models.GenericIPAddressField(null=True, blank=True)
    agent = models.CharField(max_length=300, blank=True)
    asked_at = models.DateTimeField(default=now)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        base_manager_name = "objects"
        indexes: ClassVar = [
            models.Index(fields=["workspace", "address", "-asked_at"], name="sign_up_address"),
            models.Index(fields=["workspace", "form", "asked_at"], name="sign_up_form"),
            models.Index(fields=["workspace", "contact"], name="sign_up_contact"),
            models.Index(fields=["workspace", "asked_at"], condition=models.Q(state=0), name="sign_up_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.form_id}: {self.get_state_display()}"

    @property
    def is_open(self) -> bool:
        """Whether its email's link still works."""
        return self.state == SignUp.State.ASKED and now() < self.asked_at + timedelta(days=OPEN_DAYS)
