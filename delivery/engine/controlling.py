"""The life of a message as verbs: approve, take back, schedule, pause, resume, cancel.

Each locks the message's row, looks at its state, and raises WrongStateError when the step does not fit.
"""

from datetime import UTC, datetime, timedelta

from django.db import transaction

from delivery.codes import offers_of
from delivery.content.compiling import CompiledMessage, compile_message
from delivery.content.sandbox import try_out
from delivery.engine.finishing import close_when_done
from delivery.engine.lanes import call_sender
from delivery.models import Delivery, Message, RecipientChunk, TrackedLink
from delivery.news import message_finished, message_ready
from delivery.pace.braking import Brake
from emails.tagging import tags_of_links
from engagement.interests.tagging import tag_links_by_target
from lib.clock import now
from lib.sql import numbers_of, run_sql
from workspaces.auditing import audit
from workspaces.current import current_workspace, current_workspace_id
from workspaces.models import User

State = Message.State


class WrongStateError(ValueError):
    """The message is not in a state for this; the text is the state it is in."""


@transaction.atomic
def approve(message: Message, *, by: User | None) -> Message:
    """It is as it shall be; nobody edits it from here on. BadTemplateError when it cannot be read, or names an offer that
    is not there or over.
    """
    message = _locked(message, State.DRAFT)
    try_out(message, current_workspace())  # from here on it is compiled where nothing can stop it
    compiled = compile_message(message, current_workspace())
    approved_by = by.pk if by else None
    message.offers = offers_of(compiled)
    _keep_links(message, compiled)
    return _move(message, State.APPROVED, by, "message.approved", approved_by_id=approved_by, offers=message.offers)


@transaction.atomic
def take_back(message: Message, *, by: User | None) -> Message:
    """Back to a draft, as long as nobody was planned."""
    message = _locked(message, State.APPROVED, State.SCHEDULED)
    return _move(message, State.DRAFT, by, "message.taken_back", approved_by_id=None, scheduled_at=None, wall_at=None)


@transaction.atomic
def schedule(
    message: Message,
    at: datetime | None = None,
    *,
    by: User | None,
    by_zone: bool = False,
    wall: datetime | None = None,
    spread_minutes: int = 0,
) -> Message:
    """Send it at this moment, or now. Repeating it moves the moment.

    `by_zone`: when the clock where each is shows `wall` (naive), without it what the workspace's shows at that moment.
    `spread_minutes`: not all at once, but spread over so long from then on.
    """
    message = _locked(message, State.APPROVED, State.SCHEDULED)
    moment = max(at or now(), now())
    state = State.SCHEDULED if at else State.PLANNING
    by_zone = by_zone and at is not None
    timing = {"scheduled_at": moment, "by_zone": by_zone, "spread_minutes": spread_minutes}
    timing["wall_at"] = wall.replace(tzinfo=UTC) if by_zone and wall else None
    message = _move(message, state, by, "message.scheduled", **timing)
    message_ready.tell(message=message)
    return message


@transaction.atomic
def pause(message: Message, *, by: User | None) -> Message:
    """Stop within a second; what was sent stays sent."""
    message = _locked(message, State.SENDING, State.PLANNING, State.SCHEDULED)
    return _move(message, State.PAUSED, by, "message.paused", state_reason="")


@transaction.atomic
def pause_for(message: Message, reason: str) -> None:
    """A trouble pauses the message; `reason` is shown as it is. Does nothing to one that is not on its way."""
    found = Message.objects.select_for_update(no_key=True).get(pk=message.pk)
    if found.state in {State.SENDING, State.PLANNING, State.SCHEDULED}:
        _move(found, State.PAUSED, None, "message.stopped", state_reason=reason[:300])


@transaction.atomic
def resume(message: Message, *, by: User | None) -> Message:
    """Go on where it stopped; those who were to be tried within two minutes, or the rest of the third, are tried at once."""
    message = _locked(message, State.PAUSED)
    if message.sender_id:
        Brake(current_workspace_id(), message.sender_id).release()
    soon = (now() + timedelta(minutes=3)).replace(second=0, microsecond=0)  # chunks open a minute after their people
    open_chunks = RecipientChunk.objects.filter(message=message, is_done=False, leased_until=None)
    open_chunks.exclude(not_before=None).filter(not_before__lte=soon).update(not_before=None)
    held = Delivery.objects.filter(message=message, state=Delivery.State.DEFERRED, not_before__lt=soon)
    held.update(not_before=now())  # with their chunk: one that is opened before its people are due would find nobody
    has_people = bool(message.planned_at) or message.is_standing  # a standing one gets them one at a time
    state = State.SENDING if has_people else State.PLANNING
    late = not has_people and message.scheduled_at is not None and message.scheduled_at < now()
    clocks = {"by_zone": False} if late else {}  # resumed after its moment it goes now, not at that time tomorrow
    message = _move(message, state, by, "message.resumed", state_reason="", **clocks)
    if has_people:
        call_sender(message)
        close_when_done(message)
    else:
        message_ready.tell(message=message)
    return message


@transaction.atomic
def end_standing(message: Message, *, by: User | None) -> Message:
    """It takes no more recipients; those it has still get it. Nothing is under way once its last chunk is done."""
    message = _locked(message, State.SENDING, State.PAUSED)
    if message.state == State.PAUSED:
        message = resume(message, by=by)
    message = _move(
        message, State.SENDING, by, "message.ended", is_standing=False, planned_at=message.planned_at or now()
    )
    close_when_done(message)
    return message


@transaction.atomic
def cancel(message: Message, *, by: User | None) -> Message:
    """The rest does not go out; a worker in the middle of a chunk stops within a second."""
    message = _locked(message, State.APPROVED, State.SCHEDULED, State.PLANNING, State.SENDING, State.PAUSED)
    message = _move(message, State.CANCELLED, by, "message.cancelled", finished_at=now(), state_reason="")
    free = RecipientChunk.objects.filter(message=message, is_done=False, leased_until=None)
    list(free.select_for_update().values_list("pk", flat=True))
    states = numbers_of(Delivery.State)
    run_sql("delivery/cancel_rest", states | {"workspace": current_workspace_id(), "message": message.pk})
    free.update(is_done=True)
    message_finished.tell(message=message)
    return message


def _keep_links(message: Message, compiled: CompiledMessage) -> None:
    """The rows follow the text. Only before anybody was planned: numbers stand in what went out."""
    TrackedLink.objects.filter(message=message).delete()
    TrackedLink.objects.bulk_create(
        TrackedLink(message=message, number=number, url=url, label=label) for number, url, label in compiled.links.rows
    )
    links = [(number, url) for number, url, _label in compiled.links.rows]
    tag_links_by_target(message.pk, links, tags_of_links(message.content.blocks))


def _locked(message: Message, *states: str) -> Message:
    found = Message.objects.select_for_update(no_key=True).get(pk=message.pk)
    if found.state not in states:
        raise WrongStateError(found.get_state_display())
    return found


def _move(message: Message, state: str, by: User | None, action: str, **fields: object) -> Message:
    message.state = state
    for name, value in fields.items():
        setattr(message, name, value)
    message.save(update_fields=["state", *fields])
    audit(action, by=by, target=message)
    return message
