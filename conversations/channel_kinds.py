"""The kinds of channel that a team has times to answer for: public posts, reviews, community, direct messages, email, …"""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

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
_ALWAYS: Mapping[str, str] = {
    "email": EMAIL,
    "mail": EMAIL,
    "sms": TEXTS,
    "whatsapp": TEXTS,
    "rcs": TEXTS,
    "phone": CALLS,
    "callback": CALLS,
}
_IN_PUBLIC: Mapping[str, str] = {
    "reviews": REVIEWS,
    "review": REVIEWS,
    "google_reviews": REVIEWS,
    "community": COMMUNITY,
    "forum": COMMUNITY,
    "discourse": COMMUNITY,
}


def channel_kind(network: str, *, is_public: bool, is_rated: bool = False) -> str:
    """One of CHANNEL_KINDS: of a network, whether everyone can read it, and whether stars were given with it."""
    if network in _ALWAYS:
        return _ALWAYS[network]
    if not is_public:
        return DIRECT
    return REVIEWS if is_rated else _IN_PUBLIC.get(network, PUBLIC)
