"""What a server of the Mastodon family is and can do, asked once a day and shown honestly."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations.channels import ChannelError
from lib.clock import now
from social.networks.mastodon_api import AnswerError, Api
from social.networks.mastodon_finding import can_search
from social.networks.mastodon_reading import ACCT, ID

USUAL_LONGEST = 500
COMPATIBLE = re.compile(r"compatible;\s*([A-Za-z][\w-]{1,30})[\s/]+([\w.\-]{1,30})")
NAMED = re.compile(r"([a-z][a-z-]{2,30})/([\w.\-]{1,30})", re.IGNORECASE)
REPEATS = {"takahe", "gotosocial"}  # they keep both of two equal requests
NO_SEARCH = {"takahe", "gotosocial", "pixelfed"}
CANNOT: dict[str, str | Promise] = {
    "search": gettext_lazy("Cannot search posts for words: what names us comes in, and hashtags."),
    "stream": gettext_lazy("Sends no news by itself: it is asked every 30 to 60 seconds."),
    "repeat": gettext_lazy("Does not know a repeated answer: before each repeat we look whether it stands there."),
}


def probe(api: Api) -> dict[str, Any]:
    """What it is and takes, as far as it says: software, version, domain, longest, letters_of_link (0: as many as it has),
    most_pictures (0: it does not say), searches, stream_url, cannot, probed_at. ChannelError.
    """
    try:
        told = api.get("/api/v2/instance").tree()
    except AnswerError as error:
        if error.status not in {400, 404, 405, 501}:
            raise
        told = api.get("/api/v1/instance").tree()
    software, version = _software(told)
    statuses = _at(told, "configuration", "statuses")
    longest = _number(statuses.get("max_characters")) or _number(told.get("max_toot_chars")) or USUAL_LONGEST
    stream = _at(told, "configuration", "urls").get("streaming") or _at(told, "urls").get("streaming_api")
    kind, stream_url = software.lower(), stream_at(stream, api.server)
    searches = bool(api.token) and kind not in NO_SEARCH and can_search(api)
    cannot = {
        "search": kind in NO_SEARCH or (bool(api.token) and not searches),
        "stream": not stream_url,
        "repeat": kind in REPEATS,
    }
    return {
        "software": software,
        "version": version,
        "domain": _domain(told, api.host),
        "longest": min(longest, 100_000),
        "letters_of_link": _number(statuses.get("characters_reserved_per_url")),
        "most_pictures": _number(statuses.get("max_media_attachments")),
        "searches": searches,
        "stream_url": stream_url,
        "cannot": [name for name, is_so in cannot.items() if is_so],
        "probed_at": now().isoformat(),
    }


def sign_in(server: str, token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """(our account there as settings, what the server is and can do). ChannelError in words for anything but a good token.

    The first request goes without the token: a server that sends us elsewhere never sees it.
    """
    api = Api(server)
    try:
        first = api.get("/api/v1/instance")
    except AnswerError as error:
        if error.status != 401:  # some tell nothing to strangers
            raise
    else:
        if (elsewhere := urlsplit(first.url).netloc) != api.host:
            words = _("This server sends us to %(host)s. Enter that as the server.")
            raise ChannelError(words % {"host": elsewhere})
        first.tree()
    api.token = token
    account = api.get("/api/v1/accounts/verify_credentials").tree()
    id_, acct = str(account.get("id") or ""), account.get("acct")
    found = ACCT.fullmatch(acct) if isinstance(acct, str) else None
    if not ID.fullmatch(id_) or not found:
        raise ChannelError(_("%(host)s does not say whose token this is.") % {"host": api.host})
    can = probe(api)
    return {"account_id": id_, "acct": f"{found[1]}@{found[2] or can['domain']}", "domain": can["domain"]}, can


def stream_at(said: Any, server: str) -> str:
    """Where its stream is asked for over HTTP: at the server or at a part of its domain, else "".

    Our token goes nowhere else.
    """
    try:
        parts, own = urlsplit(said if isinstance(said, str) else ""), urlsplit(server)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    if not own.hostname or parts.scheme not in {"ws", "wss", "http", "https"}:
        return ""
    if host != own.hostname and not host.endswith(f".{own.hostname}"):
        return ""
    return f"{own.scheme}://{host}{f':{port}' if port else ''}"


def _software(told: Mapping[str, Any]) -> tuple[str, str]:
    """(name, version): the family tells its name in brackets, before a slash, or only by where its source stands."""
    version, source = _words(told, "version"), _words(told, "source_url").lower()
    if found := COMPATIBLE.search(version) or NAMED.match(version):
        return found[1][:1].upper() + found[1][1:], found[2]
    if "gotosocial" in source or "gotosocial" in version.lower():
        return "GoToSocial", version[:30]
    return "Mastodon", version[:30]


def _domain(told: Mapping[str, Any], host: str) -> str:
    said = _words(told, "domain") or _words(told, "uri")
    name = (urlsplit(said).netloc if "//" in said else said).strip().lower()
    return name if name and ACCT.fullmatch(f"us@{name}") else host


def _at(tree: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    found: Any = tree
    for name in names:
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def _words(tree: Mapping[str, Any], name: str) -> str:
    value = tree.get(name)
    return value[:300] if isinstance(value, str) else ""


def _number(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
