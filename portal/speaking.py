"""What people say to us on their own page: it waits in the inbox as a conversation with them."""

import uuid

from django.utils.translation import gettext as _

from contacts.models import Contact
from conversations.mentions.calling import CALL_BACK
from conversations.mentions.opening import open_conversation
from conversations.models import Connection
from lib.foreign.cleaning import to_text
from portal.preferences import Change
from workspaces.languages import team_language

NETWORK = "own_page"
LONGEST = 5_000
LONGEST_WISH = 200


def own_page_connection() -> Connection:
    """The workspace's connection for what is said on people's own pages, made on first use."""
    found = Connection.objects.filter(network=NETWORK).order_by("pk").first()  # two first words at once may make two
    return found or Connection.objects.create(network=NETWORK, name="Their own page", is_public=False)


def say_something(contact: Contact, words: str) -> Change | None:
    """A message of theirs waits in the inbox; None for an empty one."""
    text = to_text(words, LONGEST)
    if len(text) < 2:
        return None
    open_conversation(own_page_connection(), contact, text, key=uuid.uuid4().hex, network=NETWORK)
    return Change(_("Sent. A person reads it and answers you by email."))


def ask_for_call(contact: Contact, number: str, when: str) -> Change | None:
    """Their wish to be called waits in the inbox, with the number and the time they said; None without a number."""
    number, when = to_text(number, 40), to_text(when, LONGEST_WISH)
    if sum(letter.isdigit() for letter in number) < 5:
        return None
    with team_language():
        wish = _("Please call me: %(number)s.") % {"number": number}
    text = f"{wish} {when}".strip()
    key = uuid.uuid4().hex
    open_conversation(own_page_connection(), contact, text, key=key, network=CALL_BACK, thread=f"{CALL_BACK}-{key}")
    return Change(_("Noted. We call you when it suits you."))
