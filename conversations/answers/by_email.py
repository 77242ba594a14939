"""An answer that goes to somebody by the workspace's sender: once for each key, "sent" when it has left."""

from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from contacts.models import Contact
from conversations.attaching import files_of_answer
from conversations.channels import ChannelError
from delivery.models import Message, PersonalEmail
from delivery.personal.personal_emails import (
    NoFilesError,
    NoSenderError,
    RefusedError,
    TooLateError,
    UsedError,
    send_email,
    standing_of,
    take_back,
)
from delivery.personal.writing import reason_in_words, why_refused
from lib.clock import now
from workspaces.current import working_in
from workspaces.models import Workspace

SOON, PATIENCE = 5, timedelta(minutes=15)


def put_on_its_way(contact: Contact, *, subject: str, text: str, key: str, in_reply_to: str = "") -> PersonalEmail:
    """The answer with its files, once for each key. Call inside working_in. ChannelError for good where it cannot go."""
    try:
        return send_email(
            contact,
            subject=subject,
            text=text,
            key=UUID(key),
            by=None,
            purpose=Message.Purpose.ANSWER.value,
            in_reply_to=in_reply_to,
            is_in_inbox=True,
            files=files_of_answer(key),
        )
    except NoFilesError as error:
        raise ChannelError(_("The sender of emails takes no files."), again=False) from error
    except NoSenderError as error:
        raise ChannelError(_("There is no sender of emails yet."), again=False) from error
    except RefusedError as error:
        raise ChannelError(why_refused(error.verdict), again=False) from error
    except UsedError as error:
        raise ChannelError(_("It was taken back. Write your answer anew."), again=False) from error


def wait_for(workspace: Workspace, email: PersonalEmail) -> None:
    """Return when it has left; ChannelError to be asked again while it is under way, and for good where it cannot go.

    What waits for the sender for a quarter of an hour is taken back, so that nothing leaves later beside what is written
    instead. In transactions of its own: an error would take the email back.
    """
    with working_in(workspace):
        state, why = standing_of(email)
    if state == "sent":
        return
    if state == "refused":
        raise ChannelError(reason_in_words(why), again=False)
    if now() - email.created_at > PATIENCE and _taken_back(workspace, email):
        raise ChannelError(why or _("It could not leave for a quarter of an hour."), again=False)
    raise ChannelError(why, wait=SOON if email.created_at > now() - timedelta(seconds=SOON) else 0)


def _taken_back(workspace: Workspace, email: PersonalEmail) -> bool:
    """Whether it will not leave any more; not where a worker has it just now."""
    with suppress(TooLateError), working_in(workspace):
        take_back(email, by=None)
        return True
    return False
