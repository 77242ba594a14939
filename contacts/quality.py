"""What contacts tell of the list's quality: who can be reached at all, and at what kind of address."""

from django.utils.translation import gettext_lazy as _

from contacts.duplicates.gathering import FUNCTIONS
from contacts.models import DuplicatePair, Identity
from lib.offers import QualityFigure

# Well-known mailboxes for a moment; whoever gives one does not mean to be written to.
DISPOSABLE = (
    "10minutemail.com", "33mail.com", "dispostable.com", "discard.email", "emailondeck.com", "fakeinbox.com",
    "getnada.com", "guerrillamail.com", "guerrillamail.info", "guerrillamail.net", "maildrop.cc", "mailcatch.com",
    "mailinator.com", "mailnesia.com", "mintemail.com", "mohmal.com", "moakt.com", "mytemp.email", "sharklasers.com",
    "spam4.me", "spamgourmet.com", "tempail.com", "temp-mail.org", "tempmail.com", "tempmailo.com", "throwawaymail.com",
    "trash-mail.com", "trashmail.com", "trashmail.de", "wegwerfemail.de", "yopmail.com", "yopmail.fr",
)  # fmt: skip

FIGURES = [
    QualityFigure(
        30,
        "unreachable",
        _("No way to reach them"),
        _("No email address, no phone number and no handle."),
        """AND c.email = '' AND NOT EXISTS (SELECT FROM contacts_identity w WHERE w.workspace_id = %(workspace)s
           AND w.contact_id = c.id AND w.former_since IS NULL AND w.kind = ANY (%(ways)s))""",
        lambda: {"ways": [int(Identity.Kind.EMAIL), int(Identity.Kind.PHONE), int(Identity.Kind.HANDLE)]},
    ),
    QualityFigure(
        60,
        "functions",
        _("Mailboxes of a function"),
        _("info@, sales@, office@: several people read them, and nobody consented for all."),
        "AND split_part(c.email, '@', 1) = ANY (%(functions)s)",
        lambda: {"functions": sorted(FUNCTIONS)},
    ),
    QualityFigure(
        70,
        "disposable",
        _("Mailboxes for a moment"),
        _("Addresses at providers of throw-away mailboxes."),
        "AND split_part(c.email, '@', 2) = ANY (%(disposable)s)",
        lambda: {"disposable": list(DISPOSABLE)},
    ),
    QualityFigure(
        80,
        "twice",
        _("Perhaps twice in the list"),
        _("Pairs of contacts that may be one person wait for somebody to decide."),
        """AND EXISTS (SELECT FROM contacts_duplicatepair d WHERE d.workspace_id = %(workspace)s AND d.state = %(undecided)s
           AND c.id IN (d.left_id, d.right_id))""",
        lambda: {"undecided": DuplicatePair.State.OPEN.value},
        remedy=(_("Decide"), "contacts:duplicates"),
    ),
]
