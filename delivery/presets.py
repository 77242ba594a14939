"""Who may carry a sender's emails: the server, the port and what stands in the DNS for it, as each provider documents.

`spf`: the domain that their customers include; empty where their own return path answers for SPF. `selectors`: where
their own DKIM signature's key stands. `lines_at`: the page of theirs that shows lines only they can know.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


@dataclass(frozen=True)
class Preset:
    """One way to carry email."""

    key: str
    name: Text
    host: str = ""
    port: int = 587
    security: str = "starttls"
    username: str = ""
    spf: str = ""
    selectors: tuple[str, ...] = ()
    lines_at: Text = ""
    note: Text = ""

    @property
    def has_api(self) -> bool:
        """Whether a messenger hands emails to it without SMTP."""
        return self.key in APIS

    @property
    def initial(self) -> dict[str, object]:
        """What a sender's form begins with; of an own server nobody knows anything."""
        if not self.host:
            return {}
        return {"host": self.host, "port": self.port, "security": self.security, "username": self.username}


APIS = frozenset({"postmark", "ses", "mailgun", "sendgrid", "brevo", "resend", "mailjet"})
EMAIL_KINDS = frozenset(
    {"smtp", *APIS}
)  # of senders whose emails go out into the world: what the DNS says of them counts
OWN = Preset("smtp", _("Own SMTP"))
PRESETS = (
    OWN,
    Preset(
        "postmark", "Postmark", "smtp.postmarkapp.com", selectors=("pm",), lines_at=_("Sender Signatures → DNS settings"),
        note=_("User name and password are both the server’s API token."),
    ),
    Preset(
        "ses", "Amazon SES", "email-smtp.eu-central-1.amazonaws.com", spf="amazonses.com",
        lines_at=_("Identities → your domain → DKIM"),
        note=_("The host holds your region. The SMTP password is not the secret key: SES makes one for SMTP."),
    ),
    Preset(
        "mailgun", "Mailgun", "smtp.eu.mailgun.org", spf="mailgun.org", selectors=("mx", "k1", "smtp", "pic"),
        lines_at=_("Sending → Domains → DNS records"), note=_("In the US region the host is smtp.mailgun.org."),
    ),
    Preset(
        "sendgrid", "SendGrid", "smtp.sendgrid.net", username="apikey", spf="sendgrid.net", selectors=("s1", "s2"),
        lines_at=_("Settings → Sender Authentication"), note=_("The user name is “apikey”, the password your API key."),
    ),
    Preset(
        "brevo", "Brevo", "smtp-relay.brevo.com", spf="spf.brevo.com", selectors=("brevo1", "brevo2", "mail"),
        lines_at=_("Senders, domains and dedicated IPs → Domains"),
    ),
    Preset(
        "resend", "Resend", "smtp.resend.com", username="resend", spf="amazonses.com", selectors=("resend",),
        lines_at=_("Domains → your domain"), note=_("The user name is “resend”, the password your API key."),
    ),
    Preset(
        "mailjet", "Mailjet", "in-v3.mailjet.com", spf="spf.mailjet.com", selectors=("mailjet",),
        lines_at=_("Account → Sender domains"), note=_("User name is the API key, password the secret key."),
    ),
    Preset(
        "microsoft", "Microsoft 365", "smtp.office365.com", spf="spf.protection.outlook.com",
        selectors=("selector1", "selector2"), lines_at=_("Defender → Email authentication → DKIM"),
        note=_("SMTP AUTH has to be switched on for the mailbox, and a mailbox may send 30 emails a minute."),
    ),
    Preset(
        "google", "Google Workspace", "smtp.gmail.com", spf="_spf.google.com", selectors=("google",),
        lines_at=_("Admin console → Gmail → Authenticate email"),
        note=_("It needs an app password, and lets 2,000 emails a day through."),
    ),
)  # fmt: skip
BY_KEY = {one.key: one for one in PRESETS}


def preset_of(host: str) -> Preset:
    """Which provider a mail server's name belongs to; an own server for any other."""
    name = host.lower().strip(".")
    if name.startswith("email-smtp.") and name.endswith(".amazonaws.com"):
        return BY_KEY["ses"]
    families = {one.host.partition(".")[2]: one for one in PRESETS if one.host} | {"mailgun.org": BY_KEY["mailgun"]}
    exact = next((one for one in PRESETS if one.host == name), None)
    return exact or families.get(name.partition(".")[2], OWN)
