"""What WhatsApp's codes mean and what mends them, as its documentation says (November 2026).

What a code does: `ours` stops everything by this sender, `message` this message alone, `wait` asks for patience with
everything, `later` is about one person for now, `person` about one person for good; of any other nothing more goes to
that person with this message, and many in a row stop it. None says that a number is dead: who
has no WhatsApp today may have it tomorrow.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


@dataclass(frozen=True)
class Meaning:
    """Cause and fix of a code, and what it does."""

    cause: Text
    fix: Text
    does: str = ""


_NOTHING = _("Nothing: it is tried again by itself.")
_ACCOUNT = _("Look at your account’s quality page in the WhatsApp Manager.")
_KEY = _("Enter a new access token of a system user, with the permission whatsapp_business_messaging.")
_TEMPLATE = _("Refresh the templates on the sender’s page and choose an approved one.")
MEANINGS: dict[int, Meaning] = {
    0: Meaning(_("The access token does not count any more"), _KEY, "ours"),
    3: Meaning(_("The access token lacks a permission"), _KEY, "ours"),
    4: Meaning(_("Too many requests by this app"), _NOTHING, "wait"),
    10: Meaning(_("The access token lacks a permission"), _KEY, "ours"),
    190: Meaning(_("The access token has run out"), _KEY, "ours"),
    200: Meaning(_("The access token lacks a permission"), _KEY, "ours"),
    368: Meaning(_("The account is blocked for breaking WhatsApp’s rules"), _ACCOUNT, "ours"),
    80007: Meaning(_("Too many requests by this account"), _NOTHING, "wait"),
    130429: Meaning(_("Too many messages a second"), _("Nothing: we slow down. Lower the pace in the sender."), "wait"),
    130472: Meaning(
        _("They are part of an experiment of WhatsApp"), _("Nothing: WhatsApp gives them no offers for now."), "person"
    ),
    131000: Meaning(_("Something went wrong at WhatsApp"), _NOTHING, "later"),
    131005: Meaning(_("The access token lacks a permission"), _KEY, "ours"),
    131016: Meaning(_("WhatsApp cannot be used right now"), _NOTHING, "later"),
    131021: Meaning(_("It is the sender’s own number"), _("Take the number out of the segment."), "person"),
    131026: Meaning(
        _("Not on WhatsApp, or it cannot be delivered there"),
        _("Reach them another way: by email or SMS. The number itself may be well."),
        "person",
    ),
    131030: Meaning(
        _("The number is not on the test account’s list"), _("Use your own number, or add it to the list.")
    ),
    131031: Meaning(_("The account is locked"), _ACCOUNT, "ours"),
    131042: Meaning(_("The account cannot pay"), _("Add a way to pay in the WhatsApp Manager."), "ours"),
    131045: Meaning(_("The number is not registered"), _("Register the number in the WhatsApp Manager."), "ours"),
    131047: Meaning(
        _("More than 24 hours since they wrote"), _("Send an approved template instead of free text."), "person"
    ),
    131048: Meaning(_("Too many people blocked or reported this number"), _ACCOUNT, "wait"),
    131049: Meaning(
        _("They have had enough offers from all brands lately"),
        _("Nothing: WhatsApp decides it. Try on another day, with fewer offers."),
        "person",
    ),
    131050: Meaning(
        _("They want no offers from you on WhatsApp"), _("Nothing: it counts as a no to this channel."), "person"
    ),
    131051: Meaning(_("WhatsApp does not know this kind of message"), _("Tell us: it is our mistake.")),
    131053: Meaning(_("The picture or file could not be loaded"), _("Look at the address in the line “header”.")),
    131056: Meaning(_("Too many messages to this one person"), _NOTHING, "later"),
    132000: Meaning(
        _("The template has another number of places"), _("Fill each place with a line of its own."), "message"
    ),
    132001: Meaning(_("There is no such template in this language"), _TEMPLATE, "message"),
    132005: Meaning(_("The filled template is too long"), _("Make the values shorter, with “truncate”.")),
    132007: Meaning(_("The template breaks WhatsApp’s rules"), _TEMPLATE, "message"),
    132012: Meaning(
        _("A place of the template wants another kind of value"), _("Look at header and buttons."), "message"
    ),
    132015: Meaning(_("The template is paused for its low quality"), _TEMPLATE, "message"),
    132016: Meaning(_("The template is disabled for good"), _TEMPLATE, "message"),
    133004: Meaning(_("WhatsApp cannot be used right now"), _NOTHING, "later"),
    133010: Meaning(_("The number is not registered"), _("Register the number in the WhatsApp Manager."), "ours"),
}
UNKNOWN = Meaning(_("Not known to us"), _("Read the answer’s own words."))
STOPPED = 131050
CLOSED = 131047  # the 24 hours are over


def meaning_of(code: int) -> Meaning:
    """What this code means."""
    return MEANINGS.get(code, UNKNOWN)
