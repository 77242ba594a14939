"""Two admin sites: the platform's own tables outside, a workspace's rows inside /w/<slug>/admin/."""

from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from workspaces.auditing import audit
from workspaces.models import (
    AgendaItem,
    ApiAnswer,
    ApiKey,
    AuditEntry,
    AuditSeal,
    Event,
    Invitation,
    KeptFigure,
    MemberBrowser,
    Membership,
    Notice,
    PushKeys,
    User,
    WebhookDelivery,
    WebhookEndpoint,
    Workspace,
)
from workspaces.orphans import references
from workspaces.owned import Owned, OwnedForeignKey
from workspaces.permissions import may


class PlatformAdmin(admin.AdminSite):
    """The platform's own tables, for superusers; no row of any workspace."""

    site_header = _("eCRM platform")
    site_title = _("eCRM platform")

    def has_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)


class WorkspaceAdmin(admin.AdminSite):
    """The rows of the open workspace, for its admins."""

    site_header = _("Database admin")
    site_title = _("Database admin")
    permission = "workspace.admin"

    def __init__(self, name: str) -> None:
        super().__init__(name)

    def has_permission(self, request: HttpRequest) -> bool:
        membership = getattr(request, "membership", None)
        return membership is not None and may(membership.role, "workspace.admin")

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        marked = super().admin_view(view, cacheable)
        marked.permission = "workspace.admin"  # type: ignore[attr-defined]
        return marked


platform_admin = PlatformAdmin(name="platform")
platform_admin.login = secure_admin_login(platform_admin.login)  # type: ignore[method-assign]
workspace_admin = WorkspaceAdmin(name="admin")


class OwnedAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows of a workspace: changes are audited there, not in the platform's log; facts are only shown."""

    is_read_only = False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.admin_site.has_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.admin_site.has_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return not self.is_read_only and self.admin_site.has_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return not self.is_read_only and self.admin_site.has_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return not self.is_read_only and self.admin_site.has_permission(request)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        audit("admin.added", by=request.user, target=obj)  # type: ignore[arg-type]

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        fields = [field for part in message for field in part.get("changed", {}).get("fields", [])]
        audit("admin.changed", by=request.user, target=obj, fields=fields)  # type: ignore[arg-type]

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        for obj in queryset:
            audit("admin.deleted", by=request.user, target=obj)  # type: ignore[arg-type]


class KeptAdmin(OwnedAdmin):
    """Rows that others are derived of: they go by their room's verb, which takes those along."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyAdmin(OwnedAdmin):
    """Facts: shown, never changed."""

    is_read_only = True


def show(
    model: type[Owned],
    *columns: str,
    search: tuple[str, ...] = (),
    filters: tuple[str, ...] = (),
    read_only: bool = False,
) -> None:
    """Put an Owned model into the workspace's admin with these columns, search fields and filters."""
    is_referred_to = model in {field.related_model for _model, field in references()}
    base = ReadOnlyAdmin if read_only else KeptAdmin if is_referred_to else OwnedAdmin
    raw = tuple(field.name for field in model._meta.local_fields if isinstance(field, OwnedForeignKey))
    attributes = {
        "list_display": columns,
        "search_fields": search,
        "list_filter": filters,
        "raw_id_fields": raw,
        "list_select_related": tuple(name for name in columns if name in raw) or False,
        "show_full_result_count": False,
        "list_per_page": 50,
    }
    workspace_admin.register(model, type(f"{model.__name__}Admin", (base,), attributes))


@admin.register(User, site=platform_admin)
class PlatformUserAdmin(UserAdmin):  # type: ignore[type-arg]
    """Who may log in at all."""

    ordering = ("email",)
    list_display = ("email", "name", "is_active", "is_superuser", "joined_at")
    list_filter = ("is_active", "is_superuser")
    search_fields = ("email", "name")
    readonly_fields = ("joined_at", "last_login")
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("email", "password", "name", "locale", "zone")}),
        (_("Platform"), {"fields": ("is_active", "is_staff", "is_superuser", "joined_at", "last_login")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "name", "password1", "password2")}),)


@admin.register(Workspace, site=platform_admin)
class PlatformWorkspaceAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """All brands of this installation."""

    list_display = ("name", "slug", "locale", "zone", "created_at", "is_demo")
    search_fields = ("name", "slug")


@admin.register(Membership, site=platform_admin)
class PlatformMembershipAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Who works where."""

    list_display = ("user", "workspace", "role", "joined_at")
    list_filter = ("role", "workspace")
    search_fields = ("user__email", "workspace__slug")
    autocomplete_fields = ("user", "workspace")


@admin.register(Invitation, site=platform_admin)
class PlatformInvitationAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Emails that ask people in."""

    list_display = ("email", "workspace", "role", "created_at", "expires_at", "accepted_at")
    search_fields = ("email",)
    exclude = ("token_hash",)


@admin.register(ApiKey, site=platform_admin)
class PlatformApiKeyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Keys by their prefix; the secret is nowhere."""

    list_display = ("name", "workspace", "kind", "prefix", "created_at", "revoked_at", "last_used_on")
    list_filter = ("kind",)
    exclude = ("secret_hash",)


@admin.register(AgendaItem, site=platform_admin)
class PlatformAgendaAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """What is due where, and what went wrong."""

    list_display = ("work", "workspace", "due_at", "leased_until", "held_by", "attempts", "last_error")
    list_filter = ("work",)


show(
    AuditEntry,
    "at",
    "action",
    "actor_id",
    "target",
    "target_id",
    search=("action", "target"),
    filters=("action",),
    read_only=True,
)
show(AuditSeal, "position", "entry_id", search=("entry_id",), read_only=True)
show(KeptFigure, "name", "argument", "at", "asked_at", read_only=True)
show(ApiAnswer, "name", "key_id", "status", "at", search=("name",), read_only=True)
show(Event, "type", "at", "position", filters=("type",), search=("id",), read_only=True)
show(WebhookEndpoint, "name", "url", "disabled_at", search=("name", "url"), read_only=True)
show(WebhookDelivery, "endpoint", "event", "state", "attempts", "due_at", filters=("state",), read_only=True)
show(Notice, "created_at", "user_id", "kind", "subject_id", "seen_at", "mailed_at", filters=("kind",), read_only=True)
show(MemberBrowser, "user_id", "browser", "given_at", "seen_at", read_only=True)
show(PushKeys, "public", "made_at", read_only=True)
