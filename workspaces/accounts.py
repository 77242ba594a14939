"""How allauth treats our users: by invitation, by email address, back to where they work."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from workspaces.inviting import InvitationGoneError, accept, find_invitation
from workspaces.models import Invitation, User

SESSION_KEY = "invitation"


class AccountAdapter(DefaultAccountAdapter):
    """Sign-up is open only to those who hold an invitation, and only for its address."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return open_invitation(request) is not None

    def save_user(self, request: HttpRequest, user: User, form: object, commit: bool = True) -> User:
        user = super().save_user(request, user, form, commit)
        invitation = open_invitation(request)
        if invitation and commit and invitation.email == user.email.lower():
            accept(invitation, by=user)
            request.session.pop(SESSION_KEY, None)
        return user


def open_invitation(request: HttpRequest) -> Invitation | None:
    """The invitation this visitor came with, while it is open."""
    try:
        return find_invitation(request.session.get(SESSION_KEY, ""))
    except InvitationGoneError:
        return None
