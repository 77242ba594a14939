"""What every page's frame shows."""

from functools import partial
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject

from workspaces.models import Membership
from workspaces.navigation import entries_for, people_pages_for, settings_for
from workspaces.notices.noticing import unseen_count


def frame(request: HttpRequest) -> dict[str, Any]:
    """The rail, the switcher and who is looking. Outside a workspace only whether this is a demo."""
    context: dict[str, Any] = {"demo_mode": settings.DEMO}
    membership = getattr(request, "membership", None)
    if membership is None:
        return context
    others = Membership.objects.filter(user=membership.user).exclude(pk=membership.pk).select_related("workspace")
    return context | {
        "workspace": membership.workspace,
        "membership": membership,
        "nav": entries_for(request, membership),  # type: ignore[arg-type]
        "people_pages": partial(people_pages_for, request, membership),  # type: ignore[arg-type]
        "settings_pages": partial(settings_for, request, membership),  # type: ignore[arg-type]
        "other_workspaces": [{"name": m.workspace.name, "url": f"/w/{m.workspace.slug}/"} for m in others],
        "unseen_notices": SimpleLazyObject(partial(unseen_count, membership.user_id)),
        "palette_url": _maybe("workspaces:palette"),
        "help_url": _maybe("help:index"),
    }


def _maybe(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
