"""Telling the person that what they ask by law was taken in and by when they hear from us, and that they were erased."""

import structlog
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from contacts.models import Contact
from lib.own_mail import send_mail
from privacy.models import PrivacyRequest
from workspaces.current import OpenWorkspace
from workspaces.languages import KNOWN

log = structlog.get_logger(__name__)


def acknowledge(workspace: OpenWorkspace, request: PrivacyRequest, contact: Contact) -> None:
    """Write to the person's own address once what was taken in stands; whoever asked in their name is thus found out.

    In their language, where we speak it. A server that takes no email is logged: the request stands all the same.
    """
    if not contact.email:
        return
    with translation.override(_language_of(contact, workspace)):
        subject = _("We took in what you asked: %(kind)s") % {"kind": request.get_kind_display()}
        body = render_to_string("privacy/emails/taken_in.txt", {"workspace": workspace, "request": request})
    transaction.on_commit(lambda: _send(workspace, subject, body, contact.email))


def tell_erased(workspace: OpenWorkspace, contact: Contact) -> None:
    """Write to the person once nothing is left of them. Call while their address and language are still known."""
    if not contact.email:
        return
    address = contact.email
    with translation.override(_language_of(contact, workspace)):
        subject = _("%(brand)s has erased what it knew about you") % {"brand": workspace.name}
        body = render_to_string("privacy/emails/erased.txt", {"workspace": workspace})
    transaction.on_commit(lambda: _send(workspace, subject, body, address))


def _send(workspace: OpenWorkspace, subject: str, body: str, address: str) -> None:
    try:
        send_mail(subject, body, address)
    except OSError:
        log.exception("acknowledgement_not_sent", workspace=workspace.slug)


def _language_of(contact: Contact, workspace: OpenWorkspace) -> str:
    language = contact.language.partition("-")[0].lower()
    return language if language in KNOWN else workspace.locale
