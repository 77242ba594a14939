"""Settings of a workspace: the brand, its people, its keys, its log, its demo."""

from django.conf import settings as product
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from lib.asked import whole_number
from lib.pages import read_cursor, write_cursor
from lib.written_meanwhile import held
from workspaces.auditing import audit
from workspaces.demo import remove_demo
from workspaces.duties import hand_on_duties, said_duties
from workspaces.ending import end_sessions_of
from workspaces.forms import ApiKeyForm, InvitationForm, WorkspaceForm
from workspaces.inviting import AlreadyMemberError, invite
from workspaces.keys import make_key, revoke_key, scopes_in_words
from workspaces.models import ApiKey, AuditEntry, Invitation, Membership, Role, User, Workspace
from workspaces.news import membership_changed
from workspaces.palette import find
from workspaces.panels import panels_at
from workspaces.permissions import needs
from workspaces.requests import Request

AUDIT_ROWS = 60


@needs("workspace.settings")
def settings(request: Request) -> HttpResponse:
    """The brand: name, language, zone, colour, logo, postal address."""
    workspace = request.workspace
    if request.method == "POST":
        workspace = held(Workspace.objects.all(), request).get(pk=workspace.pk)
    form = WorkspaceForm(request.POST or None, request.FILES or None, instance=workspace)
    if request.method == "POST" and form.is_valid():
        form.save()
        audit("workspace.edited", by=request.user, target=workspace, fields=form.changed_data)
        messages.success(request, _("Saved."))
        return redirect("workspaces:settings")
    return render(request, "workspaces/settings.html", {"form": form}, status=422 if form.errors else 200)


@needs("workspace.members")
def members(request: Request) -> HttpResponse:
    """Who works here, who is asked to, and as what."""
    form, link = InvitationForm(request.POST or None), request.session.pop("invitation_link", "")
    if request.method == "POST" and form.is_valid():
        try:
            link = invite(form.cleaned_data["email"], form.cleaned_data["role"], by=request.user)
        except AlreadyMemberError:
            form.add_error("email", _("This person works here already."))
        else:
            messages.success(request, _("The invitation is on its way."))
            if not product.MAILER_URL:
                request.session["invitation_link"] = link
            return redirect("workspaces:members")
    workspace = request.workspace
    found = list(Membership.objects.filter(workspace=workspace).select_related("user").order_by("joined_at"))
    context = {
        "form": form,
        "members": [(one, said_duties(one.user_id)) for one in found],
        "invitations": Invitation.objects.filter(workspace=workspace, accepted_at=None).order_by("-created_at"),
        "panels": panels_at("members.top", request, None),
        "roles": [choice for choice in Role.choices if choice[0] != Role.OWNER],
        "link": link,
    }
    return render(request, "workspaces/members.html", context, status=422 if form.errors else 200)


@require_POST
@needs("workspace.members")
def change_role(request: Request, pk: int) -> HttpResponse:
    """Give a member another role; their sessions end, so that the new one counts at once."""
    membership = _other_member(request, pk)
    role = request.POST.get("role", "")
    if role not in Role.values or role == Role.OWNER:
        messages.error(request, _("There is no such role. The old one is kept."))
        return redirect("workspaces:members")
    membership.role = role
    membership.save(update_fields=["role"])
    end_sessions_of(membership.user)
    audit("member.role_changed", by=request.user, target=membership, role=role)
    membership_changed.tell(user_id=membership.user_id, role=role)
    messages.success(
        request, _("%(name)s is %(role)s now.") % {"name": membership.user, "role": membership.get_role_display()}
    )
    return redirect("workspaces:members")


@require_POST
@needs("workspace.members")
def remove_member(request: Request, pk: int) -> HttpResponse:
    """Take somebody out of the workspace; what is in their hands goes to `to`, a colleague, or to nobody."""
    membership = _other_member(request, pk)
    to_id = whole_number(request.POST.get("to", ""))
    others = Membership.objects.filter(workspace=request.workspace).exclude(pk=membership.pk)
    if request.POST.get("to") and not others.filter(user_id=to_id or 0).exists():
        messages.error(request, _("Nobody was taken out: the colleague who was to take over is no member here."))
        return redirect("workspaces:members")
    audit("member.removed", by=request.user, target=membership)
    hand_on_duties(membership.user_id, to_id, by=request.user)
    end_sessions_of(membership.user)
    membership.delete()
    membership_changed.tell(user_id=membership.user_id, role="")
    messages.success(request, _("%(name)s is out.") % {"name": membership.user})
    return redirect("workspaces:members")


@require_POST
@needs("workspace.members")
def revoke_invitation(request: Request, pk: int) -> HttpResponse:
    """Take an invitation back; its link opens nothing from now on."""
    invitation = get_object_or_404(Invitation, pk=pk, workspace=request.workspace, accepted_at=None)
    audit("member.invitation_revoked", by=request.user, target=invitation)
    invitation.delete()
    return redirect("workspaces:members")


@needs("workspace.keys")
def keys(request: Request) -> HttpResponse:
    """Keys for websites, servers and scripts; the secret is shown once, right after it was made."""
    form = ApiKeyForm(request.POST or None)
    secret = ""
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        _key, secret = make_key(said["kind"], said["name"], by=request.user, scopes=said["scopes"])
        form = ApiKeyForm()
    context = {
        "form": form,
        "secret": secret,
        "keys": [
            (key, scopes_in_words(key)) for key in ApiKey.objects.filter(workspace=request.workspace, revoked_at=None)
        ],
    }
    return render(request, "workspaces/keys.html", context, status=422 if form.errors else 200)


@require_POST
@needs("workspace.keys")
def revoke(request: Request, pk: int) -> HttpResponse:
    """From now on this key opens nothing."""
    revoke_key(get_object_or_404(ApiKey, pk=pk, workspace=request.workspace), by=request.user)
    messages.success(request, _("The key opens nothing from now on."))
    return redirect("workspaces:keys")


@require_safe
@needs("workspace.audit")
def audit_log(request: Request) -> HttpResponse:
    """Who did what, newest first."""
    entries = AuditEntry.objects.all()
    if key := read_cursor(request.GET.get("after", ""), int):
        entries = entries.filter(pk__lt=key[0])
    rows = list(entries.order_by("-id")[: AUDIT_ROWS + 1])
    names = dict(User.objects.filter(pk__in={row.actor_id for row in rows if row.actor_id}).values_list("pk", "name"))
    context = {
        "rows": [(row, names.get(row.actor_id or 0, "")) for row in rows[:AUDIT_ROWS]],
        "cursor": write_cursor(rows[AUDIT_ROWS - 1].pk) if len(rows) > AUDIT_ROWS else "",
    }
    return render(request, "workspaces/audit.html", context)


@needs("workspace.demo")
def demo(request: Request) -> HttpResponse:
    """Take the demo's people and their history away; the brand, its members and keys stay."""
    workspace = request.workspace
    if request.method == "POST" and workspace.is_demo:
        remove_demo(workspace, by=request.user)
        messages.success(request, _("The demo is gone. The workspace is yours."))
        return redirect("engagement:home")
    return render(request, "workspaces/demo.html")


@require_safe
@needs("help.see")
def palette(request: Request) -> JsonResponse:
    """Pages, people and actions for the command palette, as JSON."""
    return JsonResponse({"items": find(request, request.GET.get("q", "").strip())})


def _other_member(request: Request, pk: int) -> Membership:
    """A membership here that is neither one's own nor the owner's."""
    membership = get_object_or_404(Membership.objects.select_related("user"), pk=pk, workspace=request.workspace)
    if membership.user_id == request.user.pk or membership.role == Role.OWNER:
        raise PermissionDenied("own or owner's membership")
    return membership
