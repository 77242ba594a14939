"""What can happen between a person and the brand: the well-known kinds, their codes for ever, their words.

`inward` is a whole sentence about the person for the timeline ("wrote to us"), `name` the plain word for lists.
Codes from 1,000 on belong to a workspace's own kinds.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from contacts.channels import Channel


@dataclass(frozen=True)
class Kind:
    """A well-known kind of touchpoint. `is_outward`: we reached them."""

    code: int
    key: str
    name: str | Promise
    said: str | Promise
    channel: Channel
    icon: str
    is_outward: bool = False


_TABLE = [
    Kind(1, "sent", _("email sent"), _("Email sent"), Channel.EMAIL, "mail", True),
    Kind(2, "delivered", _("email delivered"), _("Email delivered"), Channel.EMAIL, "mail", True),
    Kind(3, "opened", _("email opened"), _("Opened an email"), Channel.EMAIL, "mail-opened"),
    Kind(4, "clicked", _("link clicked"), _("Clicked a link"), Channel.EMAIL, "click"),
    Kind(5, "bounced", _("email bounced"), _("Email bounced"), Channel.EMAIL, "mail-off", True),
    Kind(6, "unsubscribed", _("unsubscribed"), _("Unsubscribed"), Channel.EMAIL, "mail-off"),
    Kind(7, "complained", _("spam complaint"), _("Marked an email as spam"), Channel.EMAIL, "flag"),
    Kind(10, "page", _("page viewed"), _("Looked at a page"), Channel.WEB, "world-www"),
    Kind(11, "visit", _("visit"), _("Visited the site"), Channel.WEB, "world-www"),
    Kind(12, "identify", _("said who they are"), _("Said who they are"), Channel.WEB, "id"),
    Kind(13, "form", _("form submitted"), _("Submitted a form"), Channel.WEB, "forms"),
    Kind(14, "screen", _("app screen"), _("Used the app"), Channel.MOBILE, "device-mobile"),
    Kind(15, "signed_up", _("signed up"), _("Signed up"), Channel.WEB, "user-plus"),
    Kind(20, "purchase", _("purchase"), _("Bought"), Channel.WEB, "shopping-bag"),
    Kind(21, "refund", _("refund"), _("Got money back"), Channel.WEB, "receipt-refund"),
    Kind(22, "shop_visit", _("shop visit"), _("Came to the shop"), Channel.OFFLINE, "building-store"),
    Kind(23, "event_visit", _("event attended"), _("Came to an event"), Channel.OFFLINE, "calendar-event"),
    Kind(24, "code_used", _("TV or print code used"), _("Used a code"), Channel.OFFLINE, "qrcode"),
    Kind(25, "meeting", _("meeting"), _("Met us"), Channel.OFFLINE, "users"),
    Kind(26, "ad_click", _("ad clicked"), _("Came from an ad"), Channel.ADS, "ad"),
    Kind(27, "event_registration", _("event registration"), _("Registered for an event"), Channel.OFFLINE, "ticket"),
    Kind(
        28,
        "event_no_show",
        _("event missed"),
        _("Registered for an event and did not come"),
        Channel.OFFLINE,
        "circle-x",
    ),
    Kind(
        29, "event_cancelled", _("event cancelled"), _("Gave back their place at an event"), Channel.OFFLINE, "circle-x"
    ),
    Kind(30, "mention", _("mention"), _("Wrote about us"), Channel.SOCIAL, "at"),
    Kind(31, "reply", _("reply"), _("Answered us"), Channel.SOCIAL, "message-reply"),
    Kind(32, "answer", _("our answer"), _("We answered"), Channel.SOCIAL, "message-reply", True),
    Kind(33, "message", _("message"), _("Wrote to us"), Channel.EMAIL, "message"),
    Kind(34, "comment", _("comment"), _("Commented"), Channel.SOCIAL, "message"),
    Kind(35, "share", _("share"), _("Shared us"), Channel.SOCIAL, "share"),
    Kind(36, "referral", _("friend joined"), _("Brought a friend"), Channel.WEB, "user-plus"),
    Kind(37, "user_content", _("own post about us"), _("Made something about us"), Channel.SOCIAL, "photo"),
    Kind(38, "liked", _("our like"), _("We liked what they said"), Channel.SOCIAL, "heart", True),
    Kind(40, "call", _("call"), _("Called us"), Channel.CALL, "phone"),
    Kind(41, "called", _("our call"), _("We called"), Channel.CALL, "phone", True),
    Kind(42, "callback_request", _("call-back asked for"), _("Asked to be called"), Channel.CALL, "phone"),
    Kind(43, "chat", _("chat"), _("Chatted with us"), Channel.CHAT, "messages"),
    Kind(44, "question", _("question"), _("Asked a question"), Channel.WEB, "help-hexagon"),
    Kind(50, "review", _("review"), _("Wrote a review"), Channel.REVIEW, "star"),
    Kind(51, "rating", _("rating"), _("Rated us"), Channel.REVIEW, "star"),
    Kind(52, "nps", _("recommendation answer"), _("Said whether they recommend us"), Channel.WEB, "gauge"),
    Kind(53, "survey", _("survey answered"), _("Answered a survey"), Channel.WEB, "checklist"),
    Kind(54, "idea", _("idea"), _("Had an idea for us"), Channel.COMMUNITY, "bulb"),
    Kind(55, "community_post", _("community post"), _("Posted in the community"), Channel.COMMUNITY, "messages"),
    Kind(60, "complaint", _("complaint"), _("Complained"), Channel.EMAIL, "message-exclamation"),
    Kind(61, "resolved", _("complaint resolved"), _("Complaint resolved"), Channel.EMAIL, "circle-check", True),
    Kind(62, "preference", _("preferences edited"), _("Changed their preferences"), Channel.WEB, "adjustments"),
    Kind(63, "preference_shared", _("preference shared"), _("Told us what they like"), Channel.WEB, "heart"),
    Kind(64, "sms", _("text sent"), _("Text sent"), Channel.MOBILE, "device-mobile", True),
    Kind(65, "push", _("push sent"), _("Push sent"), Channel.MOBILE, "device-mobile", True),
    Kind(99, "other", _("other"), _("Something happened"), Channel.WEB, "point"),
]
KINDS: dict[str, Kind] = {kind.key: kind for kind in _TABLE}
BY_CODE: dict[int, Kind] = {kind.code: kind for kind in _TABLE}
FIRST_OWN_CODE = 1000
MOST_OWN_KINDS = 500

# Names of the Segment spec (and of what clients send in practice) for our kinds.
ALIASES: dict[str, str] = {
    "order completed": "purchase",
    "purchase": "purchase",
    "order refunded": "refund",
    "refund": "refund",
    "signed up": "signed_up",
    "page viewed": "page",
    "product viewed": "page",
    "form submitted": "form",
    "review submitted": "review",
    "product reviewed": "review",
    "product shared": "share",
    "cart shared": "share",
    "user invited": "share",
    "call": "call",
    "shop visit": "shop_visit",
    "event registered": "event_registration",
    "event attended": "event_visit",
    "code used": "code_used",
    "email opened": "opened",
    "email link clicked": "clicked",
    "unsubscribed": "unsubscribed",
}
