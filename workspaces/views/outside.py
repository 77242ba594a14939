"""Pages for those who are logged in but in no workspace yet."""

from zoneinfo import available_timezones

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from workspaces.accounts import SESSION_KEY
from workspaces.forms import AccountForm, NewWorkspaceForm
from workspaces.founding import found_workspace, may_found
from workspaces.inviting import (
    InvitationGoneError,
    NotForYouError,
    accept,
    find_invitation,
    has_account,
    is_for,
    workspace_joined,
)
from workspaces.languages import speak
from workspaces.models import Invitation, Membership, Role, User


@login_required
def landing(request: HttpRequest) -> HttpResponse:
    """Into the only workspace, or a list of them, or the way to a first one."""
    memberships = list(
        Membership.objects.filter(user_id=request.user.pk or 0).select_related("workspace").order_by("joined_at")
    )
    if len(memberships) == 1:
        return redirect(f"/w/{memberships[0].workspace.slug}/")
    facts = {"memberships": memberships, "may_found": may_found(request.user)}  # type: ignore[arg-type]
    return render(request, "workspaces/landing.html", facts)


def accept_invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Show the invitation; joining is a POST. Strangers sign up or sign in first, come back here and are in.

    The link of a used invitation leads its member into the workspace; to everybody else it opens nothing.
    """
    user = request.user if isinstance(request.user, User) else None
    try:
        invitation = find_invitation(token)
    except InvitationGoneError:
        if user and (workspace := workspace_joined(token, user)):
            return redirect(f"/w/{workspace.slug}/")
        return render(request, "workspaces/invitation_gone.html", status=404)
    has_joined = user is not None and request.session.get(SESSION_KEY) == token  # they pressed it before they signed in
    is_other = user is not None and not is_for(invitation, user)
    if request.method == "POST" or (has_joined and not is_other):
        return _join(request, invitation, token) if user is None else _let_in(request, invitation, user)
    return render(request, "workspaces/invitation.html", {"invitation": invitation, "is_other": is_other})


def _join(request: HttpRequest, invitation: Invitation, token: str) -> HttpResponse:
    """To the door first: to sign in where the address has an account, else to make one."""
    request.session[SESSION_KEY] = token
    back = reverse("accept_invitation", args=[token])
    if has_account(invitation):
        return redirect(f"{reverse('account_login')}?next={back}")
    get_adapter().stash_verified_email(request, invitation.email)  # nobody else has read the token
    return redirect(f"{reverse('account_signup')}?next={back}")


def _let_in(request: HttpRequest, invitation: Invitation, user: User) -> HttpResponse:
    request.session.pop(SESSION_KEY, None)
    try:
        accept(invitation, by=user)
    except NotForYouError:
        context = {"invitation": invitation, "is_other": True}
        return render(request, "workspaces/invitation.html", context, status=403)
    return redirect(f"/w/{invitation.workspace.slug}/")


@require_POST
def enter_demo(request: HttpRequest) -> HttpResponse:
    """Let a visitor of the demo in as its owner; exists only in demo mode."""
    membership = (
        Membership.objects.filter(workspace__demo__isnull=False, role=Role.OWNER)
        .select_related("user", "workspace")
        .first()
    )
    if not settings.DEMO or membership is None:
        raise Http404
    login(request, membership.user, backend="django.contrib.auth.backends.ModelBackend")
    return redirect(f"/w/{membership.workspace.slug}/")


@login_required
def new_workspace(request: HttpRequest) -> HttpResponse:
    """Found a brand of one's own; where the setting keeps that to superusers, the others get a 403."""
    if not may_found(request.user):  # type: ignore[arg-type]
        raise PermissionDenied(_("Here only administrators found workspaces. Ask one for an invitation."))
    form = NewWorkspaceForm(request.POST or None, user=request.user)  # type: ignore[arg-type]
    if request.method == "POST" and form.is_valid():
        workspace = found_workspace(**form.facts(), owner=request.user)  # type: ignore[arg-type]
        return redirect(f"/w/{workspace.slug}/")
    return render(request, "workspaces/new.html", {"form": form}, status=422 if form.errors else 200)


@login_required
def account(request: HttpRequest) -> HttpResponse:
    """One's own name, language and zone; the ways to addresses, password and sign-in methods."""
    form = AccountForm(request.POST or None, instance=request.user)  # type: ignore[arg-type]
    if request.method == "POST" and form.is_valid():
        speak(request, form.save())
        messages.success(request, _("Saved."))
        return redirect("account")
    facts = {"form": form, "zones": sorted(available_timezones())}
    return render(request, "workspaces/account.html", facts, status=422 if form.errors else 200)
