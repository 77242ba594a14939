"""The channel behind people's own pages: what they say there waits in the inbox, our answer goes to them by email."""

from contextlib import suppress
from datetime import timedelta
from typing import ClassVar
from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.merging import survivor_of
from contacts.models import Contact
from conversations.channels import Capabilities, ChannelError, Outbox
from conversations.models import Connection, Mention
from delivery.models import Message, PersonalEmail
from delivery.personal_emails import (
    NoSenderError,
    RefusedError,
    TooLateError,
    UsedError,
    send_email,
    standing_of,
    take_back,
)
from delivery.writing import reason_in_words, why_refused
from lib.clock import now
from portal.speaking import NETWORK
from workspaces.current import working_in
from workspaces.models import Workspace

SOON, PATIENCE = 5, timedelta(minutes=15)


class OwnPage:
    """What is said on somebody's own page. The signed link proves who it is."""

    key: ClassVar[str] = NETWORK
    label = gettext_lazy("Their own page")
    icon: ClassVar[str] = "adjustments"
    vouches: ClassVar[bool] = True

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def capabilities(self) -> Capabilities:
        return Capabilities(replies=True)

    def reply(self, row: Outbox) -> str:
        """Send the answer by the workspace's sender, once for each key; returns when it has left.

        ChannelError to be asked again while it is under way, and for good where it cannot go: the conversation waits
        again then. What waits for the sender for a quarter of an hour is taken back, so that nothing leaves later beside
        what is written instead.
        """
        workspace = Workspace.objects.get(pk=int(self.connection.workspace_id or 0))
        with working_in(workspace):
            mention = Mention.objects.select_related("author").get(connection=self.connection, remote_id=row.mention_id)
            contact = Contact.objects.filter(
                pk=survivor_of(int(mention.author.contact_id or 0)), erased_at=None
            ).first()
            if contact is None:
                raise ChannelError(_("They are not known any more."), again=False)
            with translation.override(contact.language if contact.language in {"en", "de"} else workspace.locale):
                subject = _("Your message to %(brand)s") % {"brand": workspace.name}
            try:
                email = send_email(
                    contact,
                    subject=subject,
                    text=row.text,
                    key=UUID(row.key),
                    by=None,
                    purpose=Message.Purpose.ANSWER.value,
                    is_in_inbox=True,
                )
            except NoSenderError as error:
                raise ChannelError(_("There is no sender of emails yet."), again=False) from error
            except RefusedError as error:
                raise ChannelError(why_refused(error.verdict), again=False) from error
            except UsedError as error:
                raise ChannelError(_("It was taken back. Write your answer anew."), again=False) from error
        _wait_for(workspace, email)  # in transactions of its own: an error would take the email back
        return ""


def _wait_for(workspace: Workspace, email: PersonalEmail) -> None:
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
