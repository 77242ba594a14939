"""Trying things out: a letter to oneself, a sender that says hello. Nothing is counted."""

import secrets

from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.content.addressing import plain_addresses
from campaigns.content.letters import Written, compile_letter
from campaigns.content.mime import Envelope, build
from campaigns.content.people import fields_of
from campaigns.messengers.protocol import AskedToWaitError, ConnectionLostError, Reply, ServerDownError
from campaigns.messengers.smtp import Parcel
from campaigns.models import Campaign, MailServer
from campaigns.servers import connect, letterhead, note_health, sending_domain
from contacts.models import Contact, SegmentMember
from contacts.segments.counting import sample_rule
from contacts.segments.statements import TooSlowError
from contacts.segments.words import RuleError
from ecrm.lib.sealing import SealBrokenError
from workspaces.models import User, Workspace


class NotTakenError(ValueError):
    """The server did not take the mail; the text is its answer or what went wrong."""


def sample_person(campaign: Campaign) -> Contact | None:
    """Somebody of the segment to look at the letter with."""
    if campaign.segment is None:
        return None
    member = SegmentMember.objects.filter(segment=campaign.segment).select_related("contact").first()
    if member:
        return member.contact
    try:
        return next(iter(sample_rule(campaign.segment.rule, 1)), None)
    except (RuleError, TooSlowError):
        return None


def write_sample(campaign: Campaign, workspace: Workspace, person: Contact | None) -> Written:
    """The letter as this person would get it. BadTemplateError, MissingFieldError."""
    letter = compile_letter(campaign, workspace)
    fields = (
        fields_of([person.pk], brand=workspace.name)[person.pk] if person else {"contact": {}, "brand": workspace.name}
    )
    return letter.write(fields, plain_addresses(letter.links.rows))


def send_test(campaign: Campaign, workspace: Workspace, *, to: User) -> Reply:
    """Mail the letter, as a person of the segment would get it, to a member. NotTakenError, BadTemplateError."""
    if campaign.server is None:
        raise NotTakenError(_("There is no sender yet."))
    written = write_sample(campaign, workspace, sample_person(campaign))
    marked = Written(_("Test: %(subject)s") % {"subject": written.subject}, written.html, written.text)
    return _mail(campaign.server, workspace, marked, to.email)


def try_server(server: MailServer, workspace: Workspace, *, to: User) -> Reply:
    """Mail a line to a member by this sender; remembers whether it worked. NotTakenError."""
    text = _("It works: %(name)s can send letters for %(brand)s.") % {"name": server.name, "brand": workspace.name}
    words = Written(_("Test of your sender"), f"<!doctype html><title></title><p>{text}</p>", f"{text}\r\n")
    return _mail(server, workspace, words, to.email)


def _mail(server: MailServer, workspace: Workspace, written: Written, to: str) -> Reply:
    try:
        connection = connect(server)
    except SealBrokenError as error:
        raise NotTakenError(_("The password cannot be opened any more. Enter it again.")) from error
    except (ServerDownError, AskedToWaitError) as error:
        note_health(server, str(error))
        raise NotTakenError(str(error)) from error
    message_id = f"<test.{secrets.token_hex(8)}@{sending_domain(server)}>"
    envelope = Envelope(server.from_email, to, message_id, "")
    data = build(letterhead(server, workspace, None), envelope, written, at=timezone.now())
    try:
        parcel = Parcel(0, server.from_email, to, data)
        _parcel, reply = next(iter(connection.carry(iter([parcel]), lambda _slot, _mark: None, lambda _parcel: True)))
    except (AskedToWaitError, ConnectionLostError) as error:
        note_health(server, str(error))
        raise NotTakenError(str(error)) from error
    finally:
        connection.close()
    note_health(server, "" if reply.is_good else str(reply))
    if not reply.is_good:
        raise NotTakenError(str(reply))
    return reply
