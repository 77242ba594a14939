"""`/messages`: have an email sent to one person because of something that happened, and see what became of it."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from ninja import Query, Router, Status

from contacts.api.changing import EVIDENCE, explained
from contacts.api.reading import find_contact
from contacts.attaching import file_name, kind_of
from contacts.drafting import File
from contacts.editing import create_contact
from contacts.history.saying import saying
from contacts.identifying import normalise_identity
from contacts.merging import everyone_in, survivor_of
from contacts.models import Contact, Identity
from contacts.sharing import usages_of
from delivery.api.shapes import (
    MessagesAsked,
    MessageShape,
    NewAttachment,
    NewMessage,
    To,
    moments_of,
    money_of,
    state_name,
    state_number,
)
from delivery.content.liquid import BadTemplateError, MissingFieldError
from delivery.content.mime import BadHeaderError
from delivery.engine.controlling import WrongStateError
from delivery.models import Content, Delivery, Sender, TemplateVersion, TransactionalSend
from delivery.personal.personal_emails import NoFilesError, NoSenderError, RefusedError, paragraphs_of
from delivery.pricing import Cost, cost_of_units
from delivery.transactional.machine_sends import TooMuchDataError, Words, send_by_machine
from delivery.transactional.templates import NoSuchTemplateError, version_named
from workspaces.api.door import scope
from workspaces.api.pages import Id, PageOf, newest_first
from workspaces.api.problems import Problem, nothing_here, refuse
from workspaces.current import current_workspace

router = Router()
State = Delivery.State
BODIES = ("text", "html", "markdown")


@router.post("/messages", response={202: MessageShape}, summary="Send an email")
@scope("messages:write")
def send_message(request: HttpRequest, said: NewMessage) -> Status:
    """It leaves within seconds, before every campaign. Send an Idempotency-Key: what is repeated under it is sent once.

    422 with the gate's reason where this person may not be written to. What the contact's fields or `data` lack, without a
    stand-in in the template, is told by its name, and nothing is sent.
    """
    words = _words(said)
    sender = _sender(said.sender)
    files = [_file(no, one) for no, one in enumerate(said.attachments)]
    contact = _recipient(said.to)
    try:
        send = send_by_machine(contact, words, data=said.data, sender=sender, files=files)
    except RefusedError as error:
        why = error.verdict.reason or "no_address"
        raise Problem(422, str(error), code=f"gate_{why}", errors=[("body.to", str(error))]) from error
    except MissingFieldError as error:
        raise refuse("body.data", f"{error.field} is missing, and has no stand-in.", code="field_missing") from error
    except (BadTemplateError, BadHeaderError) as error:
        raise Problem(422, f"The email cannot be written: {error}.", code="cannot_be_written") from error
    except NoSenderError as error:
        raise Problem(409, "There is no sender of email yet.", code="no_sender") from error
    except NoFilesError as error:
        raise refuse("body.attachments", "This sender carries words alone.") from error
    except WrongStateError as error:
        raise Problem(409, "This template’s emails were stopped.", code="stopped") from error
    except TooMuchDataError as error:
        raise refuse("body.data", "64 kB and eight levels at most.") from error
    return Status(202, _shapes([send])[0])


@router.get("/messages", response=PageOf[MessageShape], summary="List emails")
@scope("messages:read")
def list_messages(request: HttpRequest, asked: Query[MessagesAsked]) -> dict[str, Any]:
    """Those that machines asked for, newest first."""
    rows = TransactionalSend.objects.all()
    if asked.contact_id is not None:
        rows = rows.filter(contact__in=everyone_in(survivor_of(asked.contact_id)))
    if asked.state is not None:
        rows = _in_state(rows, state_number(asked.state))
    shown, after = newest_first(rows.select_related("version__template", "message__sender"), asked)
    return {"items": _shapes(shown), "next": after}


@router.get("/messages/{message_id}", response=MessageShape, summary="One email")
@scope("messages:read")
def get_message(request: HttpRequest, message_id: Id) -> dict[str, Any]:
    """How it stands by now."""
    found = (
        TransactionalSend.objects.select_related("version__template", "message__sender").filter(pk=message_id).first()
    )
    if found is None:
        raise nothing_here("message")
    return _shapes([found])[0]


def _words(said: NewMessage) -> TemplateVersion | Words:
    """What it is to say: a template by its name, or a subject with one kind of text. Problem 422, 404."""
    bodies = [name for name in BODIES if getattr(said, name) is not None]
    if said.template is not None:
        if bodies or said.subject is not None:
            raise refuse("body.template", "A template brings its own words: leave subject and text out.")
        try:
            return version_named(said.template)
        except NoSuchTemplateError as error:
            raise refuse("body.template", "There is no approved template of this name.", code="no_template") from error
    if said.subject is None or len(bodies) != 1:
        raise refuse("body", "Give a template, or a subject with one of text, html or markdown.")
    text = getattr(said, bodies[0])
    if bodies[0] == "text":
        return Words(said.subject, paragraphs_of(text), Content.Format.HTML)
    return Words(said.subject, text, Content.Format.HTML if bodies[0] == "html" else Content.Format.MARKDOWN)


def _sender(pk: int | None) -> Sender | None:
    if pk is None:
        return None
    found = Sender.objects.filter(pk=pk).first()
    if found is None:
        raise refuse("body.sender", "There is no such sender.")
    return found


def _file(no: int, said: NewAttachment) -> File:
    try:
        data = base64.b64decode("".join(said.content.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise refuse(f"body.attachments.{no}.content", "This is no base64.") from error
    if not data:
        raise refuse(f"body.attachments.{no}.content", "The file is empty.")
    return File(file_name(said.name), kind_of(data), data)


def _recipient(said: To) -> Contact:
    """Who is meant; made where an email address is nobody's yet. Problem 404, 409, 422."""
    given = [name for name in ("contact_id", "external_id", "email") if getattr(said, name) is not None]
    if len(given) != 1:
        raise refuse("body.to", "Give exactly one of contact_id, external_id and email.")
    if said.contact_id is not None:
        return find_contact(said.contact_id)
    kind = Identity.Kind.EXTERNAL_ID if said.external_id is not None else Identity.Kind.EMAIL
    with explained():
        value = normalise_identity(kind, said.external_id or said.email or "")
    owner = Identity.objects.filter(kind=kind, value=value).order_by("pk").first()
    if any(one.is_shared for one in usages_of([(kind, value)]).get((kind, value), [])):
        raise Problem(409, "Several people use this address: name them by another one.", code="address_shared")
    if owner is not None:
        return find_contact(owner.contact_id)
    if said.external_id is not None:
        raise nothing_here("contact")
    with explained(), saying(EVIDENCE):
        return create_contact(by=None, email=value)


def _in_state(rows: Any, state: int) -> Any:
    theirs = Delivery.objects.filter(
        message=OuterRef("message_id"), contact=OuterRef("contact_id"), occasion=OuterRef("pk")
    )
    if state == State.QUEUED:
        return rows.filter(~Exists(theirs) | Exists(theirs.filter(state=state)))
    return rows.filter(Exists(theirs.filter(state=state)))


def _shapes(sends: Sequence[TransactionalSend]) -> list[dict[str, Any]]:
    """These emails as they stand, in a constant number of statements."""
    rows = Delivery.objects.filter(
        message__in={one.message_id for one in sends},
        contact__in={one.contact_id for one in sends},
        occasion__in={one.pk for one in sends},
    )
    found: Mapping[int, Delivery] = {row.occasion: row for row in rows}
    return [_shape(one, found.get(one.pk)) for one in sends]


def _shape(one: TransactionalSend, row: Delivery | None) -> dict[str, Any]:
    return {
        "id": one.pk,
        "state": state_name(row.state if row else State.QUEUED),
        "reason": row.reason if row and row.state != State.SENT else "",
        "contact_id": one.contact_id,
        "message_id": one.message_id,
        "template": one.version.template.name if one.version else None,
        "version": one.version.number if one.version else None,
        "created_at": one.created_at,
        "cost": money_of(_cost_of(one, row)),
        **moments_of(row),
    }


def _cost_of(one: TransactionalSend, row: Delivery | None) -> Cost | None:
    if row is None or row.state != State.SENT:
        return None
    return cost_of_units(one.message, units=row.units, messages=1, currency=current_workspace().currency)
