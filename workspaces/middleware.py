"""`/w/<slug>/…`: checks the membership, opens the workspace, moves the prefix into SCRIPT_NAME."""

from collections.abc import Callable
from typing import Any

from allauth.usersessions.middleware import UserSessionsMiddleware
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import get_script_prefix, set_script_prefix
from django.utils import timezone

from lib.logs import name_workspace
from workspaces.current import working_in
from workspaces.languages import speak
from workspaces.models import Membership
from workspaces.permissions import may

PREFIX = "/w/"
SEEN_FOR = 60  # seconds in which a session's last moment is not written again


class SeenSessions(UserSessionsMiddleware):
    """When and where each session was seen last, to the minute: a page that polls writes nothing each time."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if cache.add(f"session-seen:{request.session.session_key}", True, SEEN_FOR):
            return super().__call__(request)  # type: ignore[no-any-return]
        return self.get_response(request)  # type: ignore[no-any-return]


class WorkspaceMiddleware:
    """Makes a request inside a workspace one transaction of that workspace.

    Django turns a view's exception into a response inside get_response, so a status of 500 or more rolls back.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(PREFIX):
            return self.get_response(request)
        slug, slash, rest = request.path_info[len(PREFIX) :].partition("/")
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)
        membership = (
            Membership.objects.select_related("workspace__demo", "user")
            .filter(workspace__slug=slug, user=request.user)
            .first()
        )
        if membership is None:
            raise Http404("No such workspace, or not yours.")
        return self._inside(request, membership, "/" + rest if slash else "/")

    def _inside(self, request: HttpRequest, membership: Membership, path: str) -> HttpResponse:
        workspace = membership.workspace
        request.workspace, request.membership = workspace, membership  # type: ignore[attr-defined]
        request.path_info, request.urlconf = path, settings.WORKSPACE_URLCONF  # type: ignore[attr-defined]
        request.META["SCRIPT_NAME"] = f"{PREFIX}{workspace.slug}"
        name_workspace(workspace.pk)
        speak(request, membership.user, workspace)
        before = get_script_prefix()
        try:
            with working_in(workspace), timezone.override(membership.user.zone or workspace.zone):
                response = self.get_response(request)
                if response.status_code >= 500:
                    transaction.set_rollback(True)
                return response
        finally:
            set_script_prefix(before)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        """Default deny: inside a workspace a view names its permission, and the member's role has it."""
        membership = getattr(request, "membership", None)
        if membership is None:
            return
        permission = getattr(view, "permission", None)
        if permission is None and (hasattr(view, "model_admin") or hasattr(view, "admin_site")):
            permission = "workspace.admin"  # the admin wraps its views; these two marks are all that shows
        if permission is None or not may(membership.role, permission):
            raise PermissionDenied(permission or "This page names no permission.")
