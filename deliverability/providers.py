"""Mailbox providers: whose domains belong together, because one house decides about all of them."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Provider:
    """One house of mailboxes. `domains` in full; `families`: the first label of names like yahoo.co.jp."""

    key: str
    name: str | Promise
    domains: tuple[str, ...]
    families: tuple[str, ...] = ()


PROVIDERS = (
    Provider("google", "Google", ("gmail.com", "googlemail.com")),
    Provider("microsoft", "Microsoft", ("msn.com", "windowslive.com", "passport.com"), ("outlook", "hotmail", "live")),
    Provider("yahoo", "Yahoo", ("ymail.com", "rocketmail.com", "aol.com", "aim.com", "verizon.net"), ("yahoo",)),
    Provider("apple", "Apple", ("icloud.com", "me.com", "mac.com")),
    Provider("gmx", _("GMX and Web.de"), ("web.de", "mail.com", "email.de"), ("gmx",)),
    Provider("telekom", "T-Online", ("t-online.de", "magenta.de")),
    Provider("freenet", "freenet", ("freenet.de",)),
    Provider("orange", "Orange", ("orange.fr", "wanadoo.fr")),
    Provider("proton", "Proton", ("proton.me", "protonmail.com", "pm.me")),
)
OTHERS = Provider("others", _("All others"), ())
BY_KEY = {one.key: one for one in (*PROVIDERS, OTHERS)}


def provider_of(domain: str) -> Provider:
    """Whose mailboxes these are, by the part after the @."""
    name = domain.lower()
    first = name.partition(".")[0]
    return next((one for one in PROVIDERS if name in one.domains or first in one.families), OTHERS)


def whose_sql(column: str) -> tuple[str, dict[str, object]]:
    """The same as an expression of a statement, with its parameters: the provider's key for an address."""
    domain = f"split_part({column}, '@', 2)"
    lines: list[str] = []
    params: dict[str, object] = {}
    for one in PROVIDERS:
        params |= {f"domains_{one.key}": list(one.domains), f"families_{one.key}": list(one.families)}
        lines.append(
            f"WHEN {domain} = ANY(%(domains_{one.key})s) OR split_part({domain}, '.', 1) = ANY(%(families_{one.key}"
            f")s) THEN '{one.key}'"
        )
    return f"CASE {' '.join(lines)} ELSE '{OTHERS.key}' END", params
