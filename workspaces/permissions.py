"""Who is in the workspace, and which role may what, as data. What is not in the table is refused."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.urls import get_script_prefix, resolve, reverse

from lib.once import once_a_page
from workspaces.current import current_workspace_id
from workspaces.models import Membership, Role

READS = {"home.see", "contacts.see", "segments.see", "campaigns.see", "social.see", "engagement.see", "help.see"}
LOOKS_UP = {"home.see", "contacts.look_up", "touchpoints.log", "help.see"}

MAY: dict[str, set[str]] = {
    Role.COLLEAGUE: LOOKS_UP,
    Role.ANALYST: READS | {"contacts.look_up", "contacts.reveal", "segments.own"},
    Role.COMMUNITY: READS
    | LOOKS_UP
    | {"contacts.identify", "contacts.edit", "contacts.note", "segments.own"}
    | {"social.answer", "social.approve", "social.connect"},
    Role.MARKETER: READS
    | LOOKS_UP
    | {
        "contacts.identify",
        "contacts.edit",
        "contacts.note",
        "contacts.import",
        "contacts.fields",
        "segments.own",
        "segments.edit",
        "campaigns.edit",
        "campaigns.launch",
        "engagement.edit",
        "social.answer",
        "social.approve",
    },
}
MAY[Role.EDITOR] = MAY[Role.MARKETER] - {"campaigns.launch", "social.approve"}  # writes; somebody else approves it
MAY[Role.ADMIN] = (
    MAY[Role.MARKETER]
    | MAY[Role.COMMUNITY]
    | {
        "contacts.privacy",
        "workspace.settings",
        "workspace.members",
        "workspace.keys",
        "workspace.audit",
        "workspace.admin",
    }
)
MAY[Role.OWNER] = MAY[Role.ADMIN] | {"workspace.demo", "contacts.reveal"}

PERMISSIONS = frozenset().union(*MAY.values())


def may(role: str, permission: str) -> bool:
    """Whether a member in `role` may do this."""
    return permission in MAY.get(role, set())


@once_a_page
def team() -> list[Membership]:
    """Every membership of the open workspace, by name, with its user. One query a page."""
    rows = Membership.objects.filter(workspace=current_workspace_id()).select_related("user")
    return list(rows.order_by("user__name"))


def who_may(permission: str) -> dict[int, str]:
    """The members of the open workspace who may do this, by name: user id → name."""
    return {row.user_id: str(row.user) for row in team() if may(row.role, permission)}


def needs[F: Callable[..., Any]](permission: str) -> Callable[[F], F]:
    """Mark a view with the permission it asks for; the middleware refuses views without a mark."""
    if permission not in PERMISSIONS:
        raise ValueError(f"{permission} is in no role's table.")

    def mark(view: F) -> F:
        view.permission = permission  # type: ignore[attr-defined]
        return view

    return mark


def permission_of(url_name: str) -> str:
    """What the page of this name asks for: the mark of its view, which is the one place where that stands."""
    path = reverse(url_name, settings.WORKSPACE_URLCONF).removeprefix(get_script_prefix())
    return str(resolve(f"/{path}", settings.WORKSPACE_URLCONF).func.permission)  # type: ignore[attr-defined]


def check_may(request: HttpRequest, permission: str) -> None:
    """Raise PermissionDenied unless the member behind this request may do this."""
    if not may(request.membership.role, permission):  # type: ignore[attr-defined]
        raise PermissionDenied(permission)
