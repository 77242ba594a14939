"""What the codes of mail servers mean and what mends them, as the providers' own documentation says (November 2026).

A code may mean something else at one provider; `(code, provider)` goes before `(code, "")`. `by_itself`: we deal with it.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


@dataclass(frozen=True)
class Meaning:
    """Cause and fix of a code. `act`: where to go: "setup", "list", "people" or nowhere."""

    cause: Text
    fix: Text
    by_itself: bool = False
    act: str = ""


_WAITS = _("Nothing: it is tried again, more and more slowly.")
_HELD = _("Nothing: five in a row, over three days or more, hold it for a month.")
_LISTED = _("Nothing: it stands on “Do not contact”.")
MEANINGS: dict[tuple[str, str], Meaning] = {
    ("5.1.1", ""): Meaning(_("No such mailbox"), _LISTED, by_itself=True),
    ("5.1.2", ""): Meaning(_("No such domain"), _LISTED, by_itself=True),
    ("5.1.3", ""): Meaning(_("An address that cannot be one"), _("Correct it on the contact’s page."), act="people"),
    ("5.1.10", ""): Meaning(_("No such mailbox, or the domain takes no email"), _LISTED, by_itself=True),
    ("5.2.1", ""): Meaning(_("The mailbox is closed"), _LISTED, by_itself=True),
    ("5.2.2", ""): Meaning(_("The mailbox is full"), _HELD, by_itself=True),
    ("4.2.2", ""): Meaning(_("The mailbox is full"), _HELD, by_itself=True),
    ("4.2.1", ""): Meaning(_("The mailbox gets too much at once"), _WAITS, by_itself=True),
    ("5.2.3", ""): Meaning(_("The email is too big"), _("Make the email lighter: fewer words, no enclosed pictures.")),
    ("5.3.4", ""): Meaning(_("The email is too big"), _("Make the email lighter: fewer words, no enclosed pictures.")),
    ("4.3.2", ""): Meaning(_("The server takes nothing right now"), _WAITS, by_itself=True),
    ("4.4.1", ""): Meaning(_("The server did not answer"), _WAITS, by_itself=True),
    ("4.4.2", ""): Meaning(_("The connection broke"), _WAITS, by_itself=True),
    ("4.5.1", ""): Meaning(_("Greylisting: a new sender has to come twice"), _WAITS, by_itself=True),
    ("4.7.0", ""): Meaning(_("Too many in a short time, or a new sender"), _WAITS, by_itself=True),
    ("4.7.1", ""): Meaning(_("Greylisting: a new sender has to come twice"), _WAITS, by_itself=True),
    ("4.7.28", "google"): Meaning(_("Too many in a short time from this address or domain"), _WAITS, by_itself=True),
    ("5.7.28", "google"): Meaning(
        _("Gmail gets unusually much from this address or domain"), _("Send more slowly, to the most engaged first.")
    ),
    ("4.7.26", "google"): Meaning(_("Neither SPF nor DKIM passed"), _("Add the lines of the set-up."), act="setup"),
    ("5.7.26", "google"): Meaning(_("Neither SPF nor DKIM passed"), _("Add the lines of the set-up."), act="setup"),
    ("5.7.25", "google"): Meaning(_("The server’s address has no name (PTR)"), _("Ask whoever hosts the server."), act="setup"),
    ("5.7.27", "google"): Meaning(_("SPF did not pass"), _("Add the server to the SPF line."), act="setup"),
    ("5.7.30", "google"): Meaning(_("DKIM did not pass"), _("Add the signature’s lines."), act="setup"),
    ("5.7.32", "google"): Meaning(_("The From domain is not the signed one"), _("Align the return path."), act="setup"),
    ("5.7.1", "google"): Meaning(_("Gmail takes it for spam"), _("Send less, to those who open; look at the text’s links.")),
    ("5.7.9", "yahoo"): Meaning(_("Neither SPF nor DKIM passed at Yahoo"), _("Add the lines of the set-up."), act="setup"),
    ("5.7.515", "microsoft"): Meaning(
        _("SPF, DKIM or DMARC did not pass at Outlook"), _("Add the lines of the set-up."), act="setup"
    ),
    ("5.7.509", "microsoft"): Meaning(_("DMARC says to refuse it"), _("Sign as your domain, or align SPF."), act="setup"),
    ("5.7.606", "microsoft"): Meaning(
        _("The server’s address is banned at Microsoft"), _("Ask to be taken off at sender.office.com.")
    ),
    ("5.7.708", "microsoft"): Meaning(_("Microsoft lets a new tenant send little"), _("Wait some days, or ask their support.")),
    ("4.7.500", "microsoft"): Meaning(_("Busy, or too fast for a new address"), _WAITS, by_itself=True),
    ("4.7.650", "microsoft"): Meaning(_("Too fast for what Microsoft knows of the address"), _WAITS, by_itself=True),
    ("5.7.1", "telekom"): Meaning(
        _("The server’s name has no web page with an imprint"), _("Put an imprint on the server’s own name.")
    ),
    ("5.7.1", ""): Meaning(
        _("Refused by the receiver’s rules"),
        _("Read the answer’s own words; often the server’s address stands on a blocklist."),
    ),
    ("5.7.0", ""): Meaning(_("Refused by the receiver’s rules"), _("Read the answer’s own words.")),
    ("5.7.23", ""): Meaning(_("SPF did not pass"), _("Add the server to the SPF line."), act="setup"),
    ("5.7.20", ""): Meaning(_("No signature that passes"), _("Add the signature’s lines."), act="setup"),
    ("5.4.1", ""): Meaning(_("The receiver’s server does not take email for this address"), _HELD, by_itself=True),
    ("5.4.4", ""): Meaning(_("No way to the receiver’s server"), _("Look at the domain’s spelling."), act="people"),
    ("5.5.2", ""): Meaning(_("The server did not understand us"), _("Tell us: it is our mistake.")),
    ("421", ""): Meaning(_("The server asked us to come back later"), _WAITS, by_itself=True),
    ("450", ""): Meaning(_("The mailbox cannot be used right now"), _WAITS, by_itself=True),
    ("451", ""): Meaning(_("The server had a mishap, or greylists"), _WAITS, by_itself=True),
    ("452", ""): Meaning(_("The server has no room right now"), _WAITS, by_itself=True),
    ("550", ""): Meaning(_("Refused, without a code that says why"), _("Read the answer’s own words.")),
    ("552", ""): Meaning(_("The mailbox is full"), _HELD, by_itself=True),
    ("553", ""): Meaning(_("The server does not take this address"), _("Read the answer’s own words."), act="people"),
    ("554", ""): Meaning(_("Refused, without a code that says why"), _("Read the answer’s own words.")),
}  # fmt: skip
UNKNOWN = Meaning(_("Not known to us"), _("Read the answer’s own words."))


def meaning_of(code: str, provider: str = "") -> Meaning:
    """What this code means at this provider; by its class when nobody knows the code itself."""
    found = MEANINGS.get((code, provider)) or MEANINGS.get((code, ""))
    if found is None and code.startswith("4"):
        return Meaning(_("The server asked us to come back later"), _WAITS, by_itself=True)
    return found or UNKNOWN
