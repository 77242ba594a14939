"""Users, workspaces, memberships, keys, the agenda, the audit log, kept figures."""

import zoneinfo
from typing import ClassVar
from zlib import crc32

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from lib.clock import now
from workspaces.owned import Owned
from workspaces.tracking_mode import TrackingMode


def check_zone(name: str) -> None:
    """Refuse a time zone that this machine does not know."""
    if name not in zoneinfo.available_timezones():
        raise ValidationError(_("%(name)s is not a time zone, such as Europe/Berlin."), params={"name": name})


class UserManager(BaseUserManager["User"]):
    """Users are known by their email address, in lower case."""

    def create_user(self, email: str, password: str | None = None, **fields: object) -> "User":
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: object) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser, PermissionsMixin):
    """One person who works here, in any number of workspaces."""

    email = models.EmailField(_("email"), unique=True)
    name = models.CharField(_("name"), max_length=120, blank=True)
    locale = models.CharField(_("language"), max_length=10, blank=True)
    zone = models.CharField(_("time zone"), max_length=60, blank=True, validators=[check_zone])
    is_staff = models.BooleanField(_("runs the platform"), default=False)
    is_active = models.BooleanField(_("may log in"), default=True)
    joined_at = models.DateTimeField(default=now)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager()

    class Meta:
        verbose_name = _("user")

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def initials(self) -> str:
        """Two letters for the avatar."""
        words = (self.name or self.email.split("@")[0]).replace(".", " ").split()
        return "".join(word[0] for word in (words[0], words[-1]) if word)[: 2 if len(words) > 1 else 1].upper()


class Workspace(models.Model):
    """The tenant: one brand. An agency has many."""

    slug = models.SlugField(_("short name"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    locale = models.CharField(
        _("language"), max_length=10, default="en", choices=[("en", "English"), ("de", "Deutsch")]
    )
    zone = models.CharField(_("time zone"), max_length=60, default="UTC", validators=[check_zone])
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    colour = models.CharField(
        _("colour"),
        max_length=7,
        blank=True,
        validators=[RegexValidator(r"^#[0-9a-fA-F]{6}$", _("Write it as #0a5c40."))],
    )
    logo = models.BinaryField(_("logo"), null=True, blank=True, editable=False)
    postal_address = models.TextField(_("postal address"), blank=True)
    website = models.URLField(_("website"), blank=True)
    mail_tracking = models.SmallIntegerField(_("Opens and clicks"), choices=TrackingMode, default=TrackingMode.REACH)
    scores_employees = models.BooleanField(_("scores employees"), default=False)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        verbose_name = _("workspace")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    @property
    def is_demo(self) -> bool:
        """Whether all its rows may be taken away at once."""
        return hasattr(self, "demo")

    @property
    def tracks_mail(self) -> bool:
        """Whether emails carry a picture that is fetched and links that are counted."""
        return self.mail_tracking != TrackingMode.NONE

    @property
    def logo_url(self) -> str:
        """Where the logo is, or "" without one. Another picture has another address, so that no browser shows the old."""
        return f"/logo/{self.slug}.png?v={crc32(bytes(self.logo)):x}" if self.logo else ""

    @property
    def letter(self) -> str:
        """The mark of a brand without a logo."""
        return self.name[:1].upper()


class Demo(models.Model):
    """This workspace was founded as a demo. The app's role may only read it: mark_demo() and remove_demo_rows() write it.

    A flag that the app could set would let whoever speaks for the app wipe a real workspace.
    """

    workspace = models.OneToOneField(Workspace, on_delete=models.DB_CASCADE, primary_key=True, related_name="demo")

    class Meta:
        verbose_name = _("demo")

    def __str__(self) -> str:
        return str(self.workspace)


class Role(models.TextChoices):
    """What a member does here; permissions.py says what each may."""

    OWNER = "owner", _("Owner")
    ADMIN = "admin", _("Admin")
    MARKETER = "marketer", _("Marketer")
    EDITOR = "editor", _("Editor")
    COMMUNITY = "community", _("Community manager")
    ANALYST = "analyst", _("Analyst")
    COLLEAGUE = "colleague", _("Colleague")


class Membership(models.Model):
    """One user's place in one workspace."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=12, choices=Role)
    joined_at = models.DateTimeField(default=now)
    mails_notices = models.BooleanField(_("mail me what I have not seen"), default=True, db_default=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "user"], name="one_membership_each")]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()}"


class Invitation(models.Model):
    """An email that asks somebody to join a workspace; its token is a hash here and clear only in the mail."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField(_("email"))
    role = models.CharField(_("role"), max_length=12, choices=Role, default=Role.MARKETER)
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "email"], condition=models.Q(accepted_at=None), name="one_open_invitation_each"
            )
        ]

    def __str__(self) -> str:
        return self.email


class ApiKey(models.Model):
    """A key for machines. Only the SHA-256 of its secret is kept; it is shown once.

    `scopes` narrow what a key of the API may do ("contacts:read"); one without any may do everything.
    """

    class Kind(models.TextChoices):
        BROWSER = "browser", _("Browser: public, records visits")
        SERVER = "server", _("Server: secret, records everything")
        API = "api", _("API: secret, reads and changes")

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    prefix = models.CharField(max_length=12)
    scopes = ArrayField(models.CharField(max_length=40), default=list, blank=True, db_default=[])
    secret_hash = models.CharField(max_length=64, unique=True)
    created_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class AgendaItem(models.Model):
    """This work of this workspace is due at `due_at`, the earliest of its details.

    The tick invites workers to what is due and leaves it alone until `leased_until`; the worker that begins it holds it
    (`held_by`, lib.presence) and renews that moment while it works. The epoch fences whoever lost it meanwhile; the
    stamp tells that something was added.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    work = models.CharField(max_length=60)
    due_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True, blank=True)
    held_by = models.CharField(max_length=80, blank=True)
    epoch = models.BigIntegerField(default=0)
    stamp = models.BigIntegerField(default=0)
    invited_count = models.PositiveIntegerField(default=0)
    attempts = models.PositiveIntegerField(default=0)
    last_error = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "work"], name="one_item_per_work")]
        indexes: ClassVar = [models.Index(fields=["due_at"], name="agenda_due")]

    def __str__(self) -> str:
        return f"{self.work} @ {self.due_at:%Y-%m-%d %H:%M}"


class AuditEntry(Owned):
    """Who did what here, and when. Ids and field names, never values; only ever added to."""

    at = models.DateTimeField(default=now)
    actor_id = models.BigIntegerField(null=True)
    action = models.CharField(max_length=60)
    target = models.CharField(max_length=60, blank=True)
    target_id = models.BigIntegerField(null=True)
    details = models.JSONField(default=dict)

    class Meta:
        ordering = ("-at", "-id")
        indexes: ClassVar = [models.Index(fields=["workspace", "-at", "-id"], name="audit_newest")]

    def __str__(self) -> str:
        return self.action


class AuditSeal(Owned):
    """The link of one audit entry in its workspace's chain: an HMAC over the entry and the seal before. Only added to."""

    position = models.BigIntegerField()
    entry_id = models.BigIntegerField()  # no foreign key: an entry that is gone must leave its seal behind
    hash = models.BinaryField(max_length=32)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "position"], name="one_seal_each_position"),
            models.UniqueConstraint(fields=["workspace", "entry_id"], name="one_seal_each_entry"),
        ]

    def __str__(self) -> str:
        return f"{self.position}: {self.entry_id}"


class KeptFigure(Owned):
    """What a page of a big workspace shows of everybody, counted in the background (kept_figures.py), and when it was.

    `asked_at`: somebody looked at it when it was missing or no longer fresh; it is counted next.
    """

    is_derived = True

    name = models.CharField(max_length=60)
    argument = models.BigIntegerField(default=0)
    data = models.JSONField(null=True)
    at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "name", "argument"], name="one_figure_kept_each")
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.argument}"
