"""Making a workspace, with what it needs on its first day."""

from django.conf import settings
from django.db import transaction

from workspaces.auditing import audit
from workspaces.current import working_in
from workspaces.models import Membership, Role, User, Workspace
from workspaces.news import workspace_founded


def may_found(user: User) -> bool:
    """Whether this user may found workspaces in the browser: everybody, or superusers alone, as the setting says."""
    return bool(user.is_active and (user.is_superuser or not settings.ONLY_SUPERUSERS_FOUND))


@transaction.atomic
def found_workspace(slug: str, name: str, *, owner: User | None = None, **facts: object) -> Workspace:
    """A workspace with its defaults; `owner` becomes its owner. An existing slug raises IntegrityError."""
    workspace = Workspace.objects.create(slug=slug, name=name, **facts)
    if owner is not None:
        Membership.objects.create(workspace=workspace, user=owner, role=Role.OWNER)
    with working_in(workspace):
        workspace_founded.tell(workspace=workspace)
        audit("workspace.founded", by=owner, target=workspace)
    return workspace
