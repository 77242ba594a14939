"""The channel behind people's own pages: what they say there waits in the inbox, our answer goes to them by email."""

from typing import ClassVar

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.merging import survivor_of
from contacts.models import Contact
from conversations.answers.by_email import put_on_its_way, wait_for
from conversations.channels import Capabilities, ChannelError, Outbox
from conversations.models import Connection, Mention
from portal.speaking import NETWORK
from workspaces.current import working_in
from workspaces.models import Workspace


class OwnPage:
    """What is said on somebody's own page. The signed link proves who it is."""

    key: ClassVar[str] = NETWORK
    label = gettext_lazy("Their own page")
    icon: ClassVar[str] = "adjustments"
    vouches: ClassVar[bool] = True

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def capabilities(self) -> Capabilities:
        return Capabilities(replies=True, files=True)

    def reply(self, row: Outbox) -> str:
        """Send the answer by the workspace's sender, once for each key; returns when it has left (answers/by_email.py)."""
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
            email = put_on_its_way(contact, subject=subject, text=row.text, key=row.key)
        wait_for(workspace, email)
        return ""
