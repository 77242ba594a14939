"""Asking people to join, and letting them in."""

import hashlib
import secrets
from datetime import timedelta

from allauth.account.models import EmailAddress
from django.db import transaction
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from lib.clock import now
from lib.links import public_link
from lib.own_mail import send_mail
from workspaces.auditing import audit
from workspaces.current import current_workspace, working_in
from workspaces.models import Invitation, Membership, User, Workspace

VALID_DAYS = 7


class AlreadyMemberError(ValueError):
    """This person is in the workspace already."""


class InvitationGoneError(ValueError):
    """The invitation was used, has run out, or never was."""


class NotForYouError(ValueError):
    """The invitation was sent to another address than the one that this user has."""


def invite(email: str, role: str, *, by: User) -> str:
    """Invite `email` to the open workspace; a second invitation replaces the first. The mail goes out on commit.

    Returns the link that the mail holds. Whoever uses it has proved the address, so it is shown to nobody where mail
    arrives. AlreadyMemberError.
    """
    email, workspace = email.strip().lower(), current_workspace()
    if Membership.objects.filter(workspace_id=workspace.pk, user__email=email).exists():
        raise AlreadyMemberError(email)
    token = secrets.token_urlsafe(32)
    invitation, _made = Invitation.objects.update_or_create(
        workspace_id=workspace.pk,
        email=email,
        accepted_at=None,
        defaults={
            "role": role,
            "token_hash": hash_token(token),
            "invited_by": by,
            "expires_at": now() + timedelta(days=VALID_DAYS),
        },
    )
    audit("member.invited", by=by, target=invitation, role=role)
    link = public_link("accept_invitation", token)
    transaction.on_commit(lambda: _send_letter(invitation, link))
    return link


def find_invitation(token: str) -> Invitation:
    """The open invitation behind `token`, or InvitationGoneError."""
    open_ones = Invitation.objects.select_related("workspace", "invited_by").filter(
        accepted_at=None, expires_at__gt=now()
    )
    invitation = open_ones.filter(token_hash=hash_token(token)).first()
    if invitation is None:
        raise InvitationGoneError
    return invitation


def workspace_joined(token: str, user: User) -> Workspace | None:
    """The workspace that `user` is a member of and that the used invitation behind `token` led to, or None."""
    used = Invitation.objects.exclude(accepted_at=None).filter(token_hash=hash_token(token))
    mine = Membership.objects.select_related("workspace").filter(user=user, workspace__in=used.values("workspace"))
    first = mine.first()
    return first.workspace if first else None


def has_account(invitation: Invitation) -> bool:
    """Whether the address of the invitation belongs to a user already, who signs in and does not sign up."""
    known = EmailAddress.objects.filter(email__iexact=invitation.email, verified=True).exists()
    return known or User.objects.filter(email=invitation.email).exists()


def accept(invitation: Invitation, *, by: User) -> Membership:
    """Make `by` a member, if the invitation was sent to an address of theirs: a forwarded link lets nobody else in.

    Repeating it changes nothing; a role that stands is kept. NotForYouError.
    """
    if not is_for(invitation, by):
        raise NotForYouError(invitation.email)
    with working_in(invitation.workspace):
        membership, _made = Membership.objects.get_or_create(
            workspace=invitation.workspace, user=by, defaults={"role": invitation.role}
        )
        invitation.accepted_at = now()
        invitation.save(update_fields=["accepted_at"])
        audit("member.joined", by=by, target=membership, role=membership.role)
    return membership


def is_for(invitation: Invitation, user: User) -> bool:
    """Whether the invitation went to this user: to the login address, or to another one that was verified."""
    if user.email.lower() == invitation.email.lower():
        return True
    return bool(EmailAddress.objects.filter(user=user, email__iexact=invitation.email, verified=True).exists())


def hash_token(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def _send_letter(invitation: Invitation, link: str) -> None:
    context = {"invitation": invitation, "link": link, "days": VALID_DAYS}
    send_mail(
        _("%(name)s invites you to %(brand)s") % {"name": invitation.invited_by, "brand": invitation.workspace.name},
        render_to_string("workspaces/emails/invitation.txt", context),
        invitation.email,
    )
