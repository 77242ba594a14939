"""`/conversations/{id}/contact`: the writer becomes a contact, or is no longer taken for one."""

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from conversations.api.conversations import found_conversation
from conversations.authoring import make_contact
from conversations.parting import StillNamedError, part_author
from conversations.shared_senders import tell_somebody_new, users_behind
from workspaces.api.door import scope
from workspaces.api.pages import Id
from workspaces.api.problems import Problem

router = Router()


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
        said = "The address is among the ways to recognise this contact. Take it away there first; nothing was changed."
        raise Problem(409, said, code="still_named") from error
    return {"conversation": row.pk, "contact": contact.pk if contact else None}
