"""What is said of a finding: titles, states and what to do, in the reader's language."""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from deliverability.judging import Finding

TITLES: dict[str, Any] = {
    "spf": _("Who may send (SPF)"),
    "ptr": _("The server’s own name (PTR)"),
    "pointers": _("The server’s own name (PTR)"),
    "dkim_ed25519": _("Our signature (DKIM, Ed25519)"),
    "dkim_rsa": _("Our signature (DKIM, RSA)"),
    "keys": _("Our signature (DKIM)"),
    "dkim_carrier": _("The provider’s signature (DKIM)"),
    "carrier_key": _("The provider’s signature (DKIM)"),
    "dmarc": _("What to do with fakes (DMARC)"),
    "return_path": _("Where bounces go"),
    "answers": _("Answers come back (MX)"),
    "logo": _("A logo beside the name (BIMI)"),
}
# (key, said) → (state in a few words, what to do)
WORDS: dict[tuple[str, str], tuple[Any, Any]] = {
    ("", "no_answer"): (
        _("No answer"),
        _("The name servers did not answer in time, so nobody knows. We look again by ourselves."),
    ),
    ("spf", "found"): (_("Found"), ""),
    ("spf", "missing"): (_("Missing"), ""),
    ("spf", "carrier_answers"): (_("Not needed"), _("The provider’s own return path answers for it.")),
    ("spf", "several"): (
        _("Found twice"),
        _("There are several lines that begin with v=spf1. Keep one: two make all of them invalid."),
    ),
    ("spf", "names_some"): (
        _("Found, names only some"),
        _("There is one already: %(found)s. Change that line. A second SPF line makes both invalid."),
    ),
    ("spf", "names_none"): (
        _("Found, does not name this server"),
        _("There is one already: %(found)s. Change that line. A second SPF line makes both invalid."),
    ),
    ("spf", "too_many_lookups"): (
        _("Too many look-ups"),
        _(
            "It leads to %(count)s look-ups; from eleven on receivers treat it as an error. Take out what you do not use."
        ),
    ),
    ("spf", "lets_all"): (_("Lets everybody send"), _("“+all” lets anybody send in your name. Write ~all instead.")),
    ("ptr", "found"): (_("Found"), ""),
    ("ptr", "missing"): (
        _("No name yet"),
        _("Whoever hosts the server sets this, not your DNS: give them both values."),
    ),
    ("ptr", "leads_elsewhere"): (
        _("Leads elsewhere"),
        _("The address has the name %(found)s, and that name does not lead back to it. Your host sets both."),
    ),
    ("dkim", "found"): (_("Found"), ""),
    ("dkim", "not_seen"): (
        _("Not seen yet"),
        _("Just changed? Most name servers need up to an hour. We look again by ourselves."),
    ),
    ("dkim", "other_key"): (
        _("Another key stands there"),
        _("Our signatures fail with it. Put this one in its place."),
    ),
    ("dkim", "revoked"): (_("Withdrawn"), _("The line is there without a key, which withdraws it.")),
    ("dkim_carrier", "found"): (_("Found"), _("%(carrier)s signs as your domain.")),
    ("dkim_carrier", "take_from_carrier"): (
        _("Not seen yet"),
        _("Only %(carrier)s knows these lines. They stand there under: %(place)s."),
    ),
    ("dmarc", "found"): (_("Found, p=%(policy)s"), ""),
    ("dmarc", "reports_reach_us"): (_("Found, p=%(policy)s, reports reach us"), ""),
    ("dmarc", "missing"): (_("Missing"), _("Google, Yahoo and Microsoft want it of everybody who sends campaigns.")),
    ("dmarc", "several"): (_("Found twice"), _("Keep one line: with two, receivers go by none.")),
    ("dmarc", "no_policy"): (_("Found, without a policy"), _("It lacks p=none, p=quarantine or p=reject.")),
    ("dmarc", "reports_go_elsewhere"): (
        _("Found, p=%(policy)s"),
        _("Its reports go elsewhere. With our address in it, they are read here."),
    ),
    ("dmarc", "no_reports"): (
        _("Found, p=%(policy)s, no reports"),
        _("With our address in it, reports are read here."),
    ),
    ("return_path", "aligned"): (_("Found, aligned"), ""),
    ("return_path", "not_aligned"): (
        _("Found, not aligned"),
        _("It is no part of your sender’s domain, so SPF does not count for DMARC. DKIM has to."),
    ),
    ("return_path", "missing"): (_("Missing"), _("Emails that come back find no way: dead addresses stay unnoticed.")),
    ("answers", "found"): (_("Found"), ""),
    ("answers", "missing"): (_("Missing"), _("Nobody can answer, and many receivers mind that.")),
    ("answers", "takes_none"): (_("Takes no email"), _("The domain says that it takes no email at all.")),
    ("logo", "found"): (_("Found"), ""),
    ("logo", "missing"): (_("None"), _("May be added: most providers want a certificate for it, too.")),
    ("logo", "needs_policy"): (_("None"), _("That needs p=quarantine or p=reject in DMARC first.")),
}


@dataclass(frozen=True)
class Line:
    """A finding as it is shown."""

    finding: Finding
    title: str | Promise
    state: str
    note: str


def line_of(finding: Finding, lines_at: str | Promise = "") -> Line:
    """A finding in words. `lines_at`: where the provider shows its own lines."""
    family = finding.key if (finding.key, finding.said) in WORDS else finding.key.partition("_")[0]
    state, note = WORDS.get((family, finding.said)) or WORDS["", "no_answer"]
    facts = {"policy": "", "found": "", "count": "", "carrier": "", **finding.facts, "place": str(lines_at)}
    return Line(finding, TITLES.get(finding.key, finding.key), str(state) % facts, str(note) % facts)
