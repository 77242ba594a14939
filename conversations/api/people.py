"""`/conversations/{id}/contact`: the writer becomes a contact, is said to be one, or is no longer taken for one."""

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from contacts.api.reading import find_contact
from conversations.api.conversations import found_conversation
from conversations.authors.authoring import make_contact
from conversations.authors.linking_by_hand import LONGEST_WHY, CannotLinkError, link_by_hand, undo_link
from conversations.authors.parting import StillNamedError, part_author
from conversations.authors.shared_senders import tell_somebody_new, users_behind
from lib.foreign.cleaning import to_line
from workspaces.api.door import scope
from workspaces.api.pages import Id, Taken
from workspaces.api.problems import Problem, refuse

router = Router()
STILL_NAMED = "The address is among the ways to recognise this contact. Take it away there first; nothing was changed."
WHY_NOT = {
    "shared": "Several people use this address or number; a member says who wrote each conversation. Nothing was changed.",
    "gone": "This contact was erased. Nothing was changed.",
}


class WriterShape(Schema):
    """Who wrote a conversation."""

    conversation: int
    contact: int | None = Field(description="The contact; null where it was nobody's account.")


@router.post("/conversations/{conversation_id}/contact", response={201: WriterShape}, summary="Make them a contact")
@scope("conversations:write", "contacts:write", "contacts:read")
def make_writer_a_contact(request: HttpRequest, conversation_id: Id) -> Status:
    """With everything they wrote, and what we answered. May be repeated: who is a contact stays the same."""
    row = found_conversation(conversation_id)
    made = tell_somebody_new(row, by=None) if users_behind(row.author) else make_contact(row.author, by=None)
    return Status(201, {"conversation": row.pk, "contact": made.pk})


class WriterTaken(Taken):
    """Whose account it is, and why."""

    contact: Id = Field(description="A contact of this workspace; of a merged one, whoever stands for it.")
    why: str = Field(min_length=1, max_length=LONGEST_WHY, description="In a line: the person's history says it.")


@router.put("/conversations/{conversation_id}/contact", response=WriterShape, summary="This is them")
@scope("conversations:write", "contacts:write", "contacts:read")
def say_who_wrote(request: HttpRequest, conversation_id: Id, said: WriterTaken) -> dict[str, int | None]:
    """With everything they wrote; whoever it was taken for until now is left. May be repeated.

    409 where several people use the address, and where it is among the ways to recognise the contact that is left.
    """
    row, contact = found_conversation(conversation_id), find_contact(said.contact)
    why = to_line(said.why, LONGEST_WHY)
    if not why:
        raise refuse("body.why", "Say why in a line.")
    try:
        made = link_by_hand(row.author, contact, why=why, by=None)
    except CannotLinkError as error:
        raise Problem(409, WHY_NOT[error.code], code=error.code) from error
    except StillNamedError as error:
        raise Problem(409, STILL_NAMED, code="still_named") from error
    return {"conversation": row.pk, "contact": made.pk}


@router.post("/conversations/{conversation_id}/contact/undo", response=WriterShape, summary="Undo “This is them”")
@scope("conversations:write", "contacts:write", "contacts:read")
def undo_who_wrote(request: HttpRequest, conversation_id: Id) -> dict[str, int | None]:
    """Answers whose account it is now: whom it was taken for before, else null. May be repeated. 409 as for “not them”."""
    row = found_conversation(conversation_id)
    try:
        former = undo_link(row.author, by=None)
    except StillNamedError as error:
        raise Problem(409, STILL_NAMED, code="still_named") from error
    return {"conversation": row.pk, "contact": former.pk if former else None}


@router.delete("/conversations/{conversation_id}/contact", response=WriterShape, summary="This is not them")
@scope("conversations:write", "contacts:write", "contacts:read")
def part_writer(request: HttpRequest, conversation_id: Id) -> dict[str, int | None]:
    """What linking did is undone, and nothing links the two again by itself; answers whose account it was thought to be.

    May be repeated. 409 where the address is among the contact's own: take it away there first.
    """
    row = found_conversation(conversation_id)
    try:
        contact = part_author(row.author, by=None)
    except StillNamedError as error:
        raise Problem(409, STILL_NAMED, code="still_named") from error
    return {"conversation": row.pk, "contact": contact.pk if contact else None}
