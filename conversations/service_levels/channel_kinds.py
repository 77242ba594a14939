"""The kinds of channel that a team has times to answer for: public posts, reviews, community, direct messages, email, …"""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from contacts.channels import Channel
from conversations.recording_mentions import channel_of

PUBLIC, REVIEWS, COMMUNITY, DIRECT = "public", "reviews", "community", "direct"
EMAIL, TEXTS, CALLS = "email", "texts", "calls"

# In the order of the team's page: (name, icon).
CHANNEL_KINDS: dict[str, tuple[str | Promise, str]] = {
    PUBLIC: (_("Public posts"), "world"),
    REVIEWS: (_("Reviews"), "star"),
    COMMUNITY: (_("Community"), "messages"),
    DIRECT: (_("Direct messages"), "lock"),
    EMAIL: (_("Email"), "mail"),
    TEXTS: (_("Texts"), "device-mobile"),
    CALLS: (_("Calls"), "phone"),
}
IN_PUBLIC = frozenset({PUBLIC, REVIEWS, COMMUNITY})
# By the channel that the ledger gives a network (recording_mentions.py), which is the home of that
_ALWAYS: Mapping[Channel, str] = {
    Channel.EMAIL: EMAIL,
    Channel.MOBILE: TEXTS,
    Channel.WHATSAPP: TEXTS,
    Channel.CALL: CALLS,
}
_WHERE_PUBLIC: Mapping[Channel, str] = {Channel.REVIEW: REVIEWS, Channel.COMMUNITY: COMMUNITY}
# Networks that the ledger takes for social ones, or does not hear of
_ALWAYS_NAMED: Mapping[str, str] = {"rcs": TEXTS}
_PUBLIC_NAMED: Mapping[str, str] = {"google_reviews": REVIEWS, "forum": COMMUNITY, "discourse": COMMUNITY}


def channel_kind(network: str, *, is_public: bool, is_rated: bool = False) -> str:
    """One of CHANNEL_KINDS: of a network, whether everyone can read it, and whether stars were given with it."""
    channel = channel_of(network)
    always = _ALWAYS_NAMED.get(network) or _ALWAYS.get(channel)
    if always or not is_public:
        return always or DIRECT
    return REVIEWS if is_rated else _PUBLIC_NAMED.get(network) or _WHERE_PUBLIC.get(channel, PUBLIC)
