"""The floor everybody stands on: users, workspaces, memberships, keys, the agenda, the audit log, what machines hear."""

from workspaces.models.machines import ApiAnswer, Event, WebhookDelivery, WebhookEndpoint
from workspaces.models.notices import MemberBrowser, Notice, PushKeys
from workspaces.models.tenancy import (
    AgendaItem,
    ApiKey,
    AuditEntry,
    AuditSeal,
    Demo,
    Invitation,
    KeptFigure,
    Membership,
    Role,
    User,
    UserManager,
    Workspace,
    check_zone,
)

__all__ = [
    "AgendaItem",
    "ApiAnswer",
    "ApiKey",
    "AuditEntry",
    "AuditSeal",
    "Demo",
    "Event",
    "Invitation",
    "KeptFigure",
    "MemberBrowser",
    "Membership",
    "Notice",
    "PushKeys",
    "Role",
    "User",
    "UserManager",
    "WebhookDelivery",
    "WebhookEndpoint",
    "Workspace",
    "check_zone",
]
