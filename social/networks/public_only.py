"""Networks where whatever we say is read by everybody: what is meant for fewer stays here."""

from django.utils.translation import gettext as _

from conversations.channels import ChannelError, Outbox
from conversations.visibility import Visibility


def check_is_for_everyone(row: Outbox, who: str) -> None:
    """Return if this answer may be read by everybody; ChannelError in words where it is for fewer."""
    if row.is_public and row.visibility in {Visibility.PUBLIC, Visibility.UNLISTED, ""}:
        return
    words = _("%(who)s knows only answers that everybody reads, and this one is for fewer. It was not sent.")
    raise ChannelError(words % {"who": who}, again=False)
