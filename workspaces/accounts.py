"""How allauth treats our users: by invitation, by email address, back to where they work; limits, secrets at rest."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import ratelimit
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.usersessions.models import UserSession
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from lib.own_mail import BY_ITSELF
from lib.sealing import seal, unseal
from lib.valkey import answers
from workspaces.inviting import InvitationGoneError, accept, find_invitation
from workspaces.models import Invitation, User

SESSION_KEY = "invitation"


class AccountAdapter(DefaultAccountAdapter):
    """Sign-up is open only to those who hold an invitation, and only for its address.

    Wrong passwords are counted by account *and* address (settings.ACCOUNT_RATE_LIMITS), so that a stranger's cannot
    keep Ada out, and by account for all strangers together, so that many addresses cannot share the guessing. Where
    Valkey cannot count, nobody may try.
    """

    error_messages = DefaultAccountAdapter.error_messages | {
        "cannot_count_attempts": _(
            "Signing in is not possible for a moment: the part that counts wrong passwords does not answer. "
            "Whoever is signed in stays so. Try again in a minute."
        )
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return open_invitation(request) is not None

    def save_user(self, request: HttpRequest, user: User, form: object, commit: bool = True) -> User:
        user = super().save_user(request, user, form, commit)
        invitation = open_invitation(request)
        if invitation and commit and invitation.email == user.email.lower():
            accept(invitation, by=user)
            request.session.pop(SESSION_KEY, None)
        return user

    def render_mail(self, *args: Any, **kwargs: Any) -> EmailMessage:
        """What it writes nobody's away note answers."""
        email: EmailMessage = super().render_mail(*args, **kwargs)
        email.extra_headers |= BY_ITSELF
        return email

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address that lib/web/client_address.py has found; one shared key where there is none."""
        return str(request.META.get("REMOTE_ADDR") or "unknown")

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        if not answers():
            raise ValidationError(self.error_messages["cannot_count_attempts"], code="cannot_count_attempts")
        super().pre_authenticate(request, **credentials)
        login = str(credentials.get("email", "")).lower()
        if self._is_known(request, login):
            return  # this address has opened the account before: no stranger's guessing keeps it out
        if not ratelimit.consume(request, action="login_from_strangers", key=login):
            raise self.validation_error("too_many_login_attempts")

    def _is_known(self, request: HttpRequest, login: str) -> bool:
        return bool(UserSession.objects.filter(user__email=login, ip=self.get_client_ip(request)).exists())

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        account = super()._get_login_attempts_cache_key(request, **credentials)
        return f"{account}:{self.get_client_ip(request)}"


class MFAAdapter(DefaultMFAAdapter):
    """Seeds of one-time codes are sealed: a stolen database makes nobody's code."""

    PURPOSE = "mfa"

    def encrypt(self, text: str) -> str:
        return seal(text, workspace_id=None, purpose=self.PURPOSE).hex()

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(bytes.fromhex(encrypted_text), workspace_id=None, purpose=self.PURPOSE)


def open_invitation(request: HttpRequest) -> Invitation | None:
    """The invitation this visitor came with, while it is open."""
    try:
        return find_invitation(request.session.get(SESSION_KEY, ""))
    except InvitationGoneError:
        return None
