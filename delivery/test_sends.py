"""Trying things out: a message to oneself, a sender that says hello. Nothing is counted.

A page only asks; the work `delivery.trials` sends, within ten seconds each and outside any transaction, so that a
server that never answers holds nobody's page. The pages show how it stands.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.utils.translation import gettext as _
from django.utils.translation import override

from contacts.models import Contact
from delivery.content.compiling import Written
from delivery.content.liquid import BadTemplateError, MissingFieldError
from delivery.content.mime import BadHeaderError
from delivery.content.people import fields_of, without_names
from delivery.content.sandbox import try_out
from delivery.engine.freeing import free_urgent
from delivery.engine.lanes import TRIALS, in_slot
from delivery.messengers.protocol import (
    AskedToWaitError,
    ConnectionLostError,
    Messenger,
    Outcome,
    OutcomeKind,
    Recipient,
    ServerDownError,
    code_in,
)
from delivery.models import Message, Sender, Trial
from delivery.pace.braking import Brake
from delivery.senders import UnknownMessengerError, messenger_of, note_health, note_reach, takes_tests
from delivery.spam_rules import SpamScore, ask_rules
from delivery.transactional.occasions import example_fields
from emails.showing import everything_shown
from lib.clock import now
from lib.sealing import SealBrokenError
from workspaces import agenda
from workspaces.current import current_workspace, working_in
from workspaces.languages import team_language
from workspaces.models import User, Workspace

WORK = TRIALS
SECONDS = 10.0
LEASE = timedelta(seconds=60)
WORK_SECONDS = 20
KEPT = timedelta(days=30)
State = Trial.State
log = structlog.get_logger(__name__)


class NotTakenError(ValueError):
    """The other side did not take it; the text says what went wrong in our words."""


def fields_for(
    person: Contact | None, workspace: Workspace, blocks: str = "", *, message_id: int = 0
) -> Mapping[str, Any]:
    """What a message may know of this person; of nobody: the brand alone, and every block of it is seen."""
    if person is None:
        return {"contact": {}, "brand": workspace.name, **everything_shown(blocks)}
    return fields_of([person.pk], brand=workspace.name, blocks=blocks, message_id=message_id)[person.pk]


def write_sample(
    message: Message, workspace: Workspace, person: Contact | None, *, shows_names: bool = True
) -> Written:
    """The message as this person would get it; without their own names for those who may see none.

    BadTemplateError, MissingFieldError.
    """
    written = try_out(message, workspace, sample_fields(message, workspace, person, shows_names=shows_names))
    if written is None:
        raise RuntimeError("fields were given, so something was written")
    return written


def sample_fields(
    message: Message, workspace: Workspace, person: Contact | None, *, shows_names: bool = True
) -> Mapping[str, Any]:
    """What the message may know of this person in a sample; without their own names for those who may see none."""
    fields = {
        **fields_for(person, workspace, message.content.blocks, message_id=message.pk or 0),
        **example_fields(message),
    }
    return fields if shows_names else without_names(fields)


def ask_trial(sender: Sender, *, by: User, message: Message | None = None, person: Contact | None = None) -> Trial:
    """Have this sender try a line, or the message as `person` would get it, to a member; a worker does it soon.

    May be repeated: while one waits, asking again changes nothing.
    """
    waiting = Trial.objects.filter(sender=sender, message=message, by_id=by.pk, state=State.WAITING).first()
    if waiting is None:
        Trial.objects.filter(asked_at__lt=now() - KEPT).delete()
        contact = person.pk if person else None
        waiting = Trial.objects.create(sender=sender, message=message, by_id=by.pk, contact_id=contact)
    agenda.set_due(WORK)
    return waiting


def last_trials(senders: Sequence[Sender]) -> dict[int, Trial]:
    """Sender → the newest try of the sender itself. One query."""
    rows = Trial.objects.filter(sender__in=senders, message=None).order_by("sender_id", "-asked_at", "-pk")
    return {row.sender_id: row for row in rows.distinct("sender_id")}


def last_trial_of(message: Message) -> Trial | None:
    """The newest try of this message."""
    return Trial.objects.filter(message=message).order_by("-asked_at", "-pk").first()


@in_slot(WORK)
def send_trials(workspace: Workspace) -> datetime | None:
    """The agenda's work: send what waits, one at a time; returns when to come again. May run in several workers."""
    ends_at = now() + timedelta(seconds=WORK_SECONDS)
    while now() < ends_at:
        with working_in(workspace):
            trial = _lease()
        if trial is None:
            break
        _send_one(workspace, trial)
    with working_in(workspace):
        waiting = Trial.objects.filter(state=State.WAITING).order_by("asked_at").first()
        return None if waiting is None else waiting.leased_until or now()


def _lease() -> Trial | None:
    """The next try that nobody works on; a worker that died leaves its lease to run out."""
    moment = now()
    waiting = Trial.objects.filter(state=State.WAITING).exclude(leased_until__gt=moment)
    pk = waiting.order_by("asked_at").select_for_update(skip_locked=True).values_list("pk", flat=True).first()
    if pk is None:
        return None
    Trial.objects.filter(pk=pk).update(leased_until=moment + LEASE)
    return Trial.objects.select_related("sender", "message__content", "message__topic", "message__sender").get(pk=pk)


def _send_one(workspace: Workspace, trial: Trial) -> None:
    user = User.objects.filter(pk=trial.by_id).first()
    spam: SpamScore | None = None
    words = ""
    with team_language(workspace):
        try:
            said = _try(workspace, trial, user)
            state, spam = State.SENT, _ask_rules(workspace, trial, user)
            words = spam.words[:500] if spam else ""
        except NotTakenError as error:
            said, state = str(error), State.FAILED
        except Exception:
            log.exception("trial_failed", trial=trial.pk)
            said, state = _("It could not be tried. The log says more."), State.FAILED
    with working_in(workspace):
        row = Trial.objects.filter(pk=trial.pk)
        row.update(
            state=state, said=said[:300], leased_until=None, spam_words=words, is_spam=bool(spam and spam.is_spam)
        )
        if trial.message_id is None or state == State.SENT:
            note_health(trial.sender, "" if state == State.SENT else said)
        if state == State.SENT:
            free_urgent(trial.sender)
    if state == State.SENT:
        Brake(workspace.pk, trial.sender.pk).release()


def _try(workspace: Workspace, trial: Trial, to: User | None) -> str:
    """What to say when it was taken; NotTakenError otherwise, in our own words."""
    if to is None:
        raise NotTakenError(_("Whoever asked is gone."))
    try:
        if not takes_tests(trial.sender):
            return _("There is nothing to send: what it makes lies here, to be downloaded.")
        messenger = messenger_of(trial.sender, SECONDS)
        where = str(getattr(messenger, "test_address", to.email))
        with override(to.locale or workspace.locale):  # what goes to them is in their language
            outcome = _hand_over(workspace, trial, messenger, where)
        with working_in(workspace):
            note_reach(trial.sender, messenger)
    except UnknownMessengerError as error:
        raise NotTakenError(_("Nobody here can send by “%(kind)s”.") % {"kind": error}) from error
    except MissingFieldError as error:
        said = _("{{ %(field)s }} is empty for the person we tried it with; give it a stand-in.")
        raise NotTakenError(said % {"field": error.field}) from error
    except (BadTemplateError, BadHeaderError) as error:
        raise NotTakenError(str(error)) from error
    except SealBrokenError as error:
        raise NotTakenError(_("The password cannot be opened any more. Enter it again.")) from error
    except AskedToWaitError as error:
        raise NotTakenError(_("The server asked us to wait: %(answer)s") % {"answer": code_in(str(error))}) from error
    except (ServerDownError, ConnectionLostError) as error:
        raise NotTakenError(str(error)) from error
    code = code_in(outcome.answer)
    if outcome.kind != OutcomeKind.ACCEPTED:
        raise NotTakenError(_("The server refused it (%(code)s).") % {"code": code})
    return _("Sent to %(to)s; the server took it (%(code)s).") % {"to": where, "code": code}


def _ask_rules(workspace: Workspace, trial: Trial, to: User | None) -> SpamScore | None:
    """What a spam filter of this machine says of the email that was just taken. Outside any transaction."""
    address = str(trial.sender.settings.get("from_email", ""))
    if trial.message is None or trial.message.is_plain or to is None or "@" not in address:
        return None
    with working_in(workspace):
        person = Contact.objects.filter(pk=trial.contact_id).first() if trial.contact_id else None
        fields = sample_fields(trial.message, workspace, person)
    written = try_out(trial.message, workspace, fields)
    return ask_rules(written, sender=address, to=to.email) if written else None


def _hand_over(workspace: Workspace, trial: Trial, messenger: Messenger, to: str) -> Outcome:
    """Read what is needed in one transaction, then send outside any."""
    with working_in(workspace):
        here = current_workspace()
        person = Contact.objects.filter(pk=trial.contact_id).first() if trial.contact_id else None
        fields = fields_for(person, workspace, trial.message.content.blocks if trial.message else "")
        if trial.message is not None:
            fields = {**fields, **example_fields(trial.message)}
    if trial.message is not None:
        try_out(trial.message, workspace, fields)  # where it can be stopped, before it is written here
    with working_in(workspace):
        run = None if trial.message is None else messenger.prepare(here, trial.message)
    try:
        if run is not None:
            return messenger.send_sample(run, Recipient(0, 0, to, 1, fields))
        text = _("It works: %(name)s can send for %(brand)s.") % {"name": trial.sender.name, "brand": workspace.name}
        return messenger.send_words(here, _("Test of your sender"), text, to=to)
    finally:
        messenger.close()
