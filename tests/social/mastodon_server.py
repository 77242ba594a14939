"""A server of the Mastodon family on loopback: payloads as https://docs.joinmastodon.org/entities/ shows them, and the quirks.

It heeds no Idempotency-Key, as Takahe and GoToSocial do not, and its `Link` names another host.
"""

import json
import threading
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from html import escape
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from tests.loopback import LoopbackApi

TOKEN = "ZA-Yj3aBD8U8Cm7lKUp-lm9O9BmDgdhHzDeqsY8tlL0"
OURS = "14715"


def account(acct="anna@social.example", id_="634458", **facts):
    """https://docs.joinmastodon.org/entities/Account/"""
    name = acct.partition("@")[0]
    return {
        "id": id_, "username": name, "acct": acct, "display_name": name.capitalize(), "locked": False, "bot": False,
        "created_at": "2019-11-15T00:00:00.000Z", "note": "<p>Tea.</p>", "url": f"https://social.example/@{name}",
        "uri": f"https://social.example/users/{name}", "followers_count": 42, "following_count": 7, "statuses_count": 130,
        "emojis": [], "fields": [{"name": "Blog", "value": "tea", "verified_at": None}],
    } | facts  # fmt: skip


def status(id_, words="<p>Does the spout fit?</p>", *, at=None, by=None, **facts):
    """https://docs.joinmastodon.org/entities/Status/"""
    who = by or account()
    return {
        "id": str(id_), "created_at": (at or datetime.now(UTC)).isoformat().replace("+00:00", "Z"), "in_reply_to_id": None,
        "in_reply_to_account_id": None, "sensitive": False, "spoiler_text": "", "visibility": "public", "language": "en",
        "uri": f"https://social.example/users/anna/statuses/{id_}", "url": f"https://social.example/@anna/{id_}",
        "replies_count": 0, "reblogs_count": 0, "favourites_count": 0, "edited_at": None, "content": words, "reblog": None,
        "account": who, "media_attachments": [], "mentions": [mention_of(OURS, "kettle")], "tags": [], "emojis": [],
        "card": None, "poll": None,
    } | facts  # fmt: skip


def mention_of(id_, acct):
    return {"id": id_, "username": acct.partition("@")[0], "url": f"https://social.example/@{acct}", "acct": acct}


class MastodonServer(LoopbackApi):
    """Holds notifications and statuses. `quirk(method, path)` may answer instead."""

    def __init__(self):
        super().__init__()
        self.notifications, self.statuses, self.favourites, self.posted = [], {}, [], []
        self.limits, self.quirk, self.drops_answers, self.serial = True, lambda *_: None, 0, 109_000
        self.media, self.unready, self.slow_media, self.drops_uploads = [], {}, 0, 0
        self.tagged, self.searches = [], False  # what a hashtag or words find
        self.takes_min_for_since, self.code = False, ("", "")
        self.blocked_by, self.accounts_gone = False, False  # blocked_by None: the author is suspended
        self.stored, self.may_go_on = threading.Event(), threading.Event()
        self.may_go_on.set()
        self.instance = {
            "domain": "kettle.example", "version": "4.3.1", "source_url": "https://github.com/mastodon/mastodon",
            "configuration": {
                "urls": {"streaming": "wss://kettle.example"},
                "statuses": {"max_characters": 500, "max_media_attachments": 4, "characters_reserved_per_url": 23},
            },
        }  # fmt: skip

    def mentioned(self, number, words="<p>Does the spout fit?</p>", **facts):
        """Somebody names us: a status, and its notification, whose id is as long as its number."""
        made = facts.pop("status", None) or status(100_000 + number, words, **facts)
        self.statuses[made["id"]] = made
        self.notifications.append({"id": str(number), "type": "mention", "created_at": made["created_at"], "account": made["account"], "status": made})  # fmt: skip
        return made

    def hear(self, method, path, headers, raw):
        with self.lock:
            self.asked.append((method, path, headers, raw))
        if (odd := self.quirk(method, path)) is not None:
            return odd
        where, query = urlsplit(path).path, {k: v[0] for k, v in parse_qs(urlsplit(path).query).items()}
        if where.startswith("/api/v2/instance"):
            return 200, self.instance, {}
        if where.startswith("/api/v1/instance"):
            return 200, self.instance | {"uri": "kettle.example"}, {}
        if where == "/api/v1/apps":
            return 200, {"client_id": "TWhM-tNSuncnqN7DBJmoyeLnk6K3iJJ71KKXxgL1hPM", "client_secret": "ZEaFUFmF0umgBX1qKJDjaU99Q31lDkOU8NutzTOoliw"}, {}  # fmt: skip
        if where == "/oauth/token":
            return self.exchange(json.loads(raw))
        if headers.get("Authorization") != f"Bearer {TOKEN}":
            return 401, {"error": "The access token is invalid"}, {}
        status_, tree, more = self.answer(method, where, query, headers, raw)
        return status_, tree, more | (self.limit() if self.limits else {})

    def exchange(self, said):
        """A code is good once, and only for who knows what its challenge was made of."""
        wanted, self.code = self.code, ("", "")
        challenge = urlsafe_b64encode(sha256(said["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        if (said["code"], challenge) != wanted:
            return 400, {"error": "invalid_grant", "error_description": "The authorization grant is invalid"}, {}
        return (
            200,
            {"access_token": TOKEN, "token_type": "Bearer", "scope": said["scope"], "created_at": 1573979017},
            {},
        )

    def limit(self):
        soon = (datetime.now(UTC) + timedelta(minutes=3)).isoformat().replace("+00:00", "Z")
        return {"X-RateLimit-Limit": "300", "X-RateLimit-Remaining": "281", "X-RateLimit-Reset": soon}

    def answer(self, method, where, query, headers, raw):
        if where == "/api/v1/accounts/verify_credentials":
            return 200, account("kettle", OURS), {}
        if where.startswith("/api/v1/timelines/tag/"):
            tag = unquote(where.rpartition("/")[2]).lower()
            return 200, self.found(query, lambda one: tag in [name["name"].lower() for name in one["tags"]]), {}
        if where == "/api/v2/search":
            words = query["q"].lower()
            found = self.found(query, lambda one: words in one["content"].lower()) if self.searches else []
            return 200, {"accounts": [], "hashtags": [], "statuses": found}, {}
        if where == "/api/v1/notifications":
            return self.page(query)
        if where == f"/api/v1/accounts/{OURS}/statuses":
            ours = [one for one in self.posted if int(one["id"]) < int(query.get("max_id", 10**9))]
            return 200, sorted(ours, key=lambda one: -int(one["id"]))[: int(query.get("limit", 20))], {}
        if where == "/api/v1/statuses" and method == "POST":
            return self.post(json.loads(raw))
        if where == "/api/v2/media":
            return self.upload(raw)
        if where.startswith("/api/v1/media/"):
            return self.media_of(where.rpartition("/")[2])
        if where == "/api/v1/accounts/relationships":
            return 200, self.relationships(query["id[]"]), {}
        if where.startswith("/api/v1/accounts/"):
            return (404, {"error": "Record not found"}, {}) if self.accounts_gone else (200, account("ines"), {})
        name = where.removeprefix("/api/v1/statuses/").removesuffix("/favourite")
        if name not in self.statuses:
            return 404, {"error": "Record not found"}, {}
        if where.endswith("/favourite"):
            self.favourites.append(name)
        return 200, self.statuses[name], {}

    def found(self, query, fits):
        """Newest first, below `max_id`."""
        rows = [one for one in self.tagged if fits(one) and int(one["id"]) < int(query.get("max_id", 10**9))]
        return sorted(rows, key=lambda one: -int(one["id"]))[: int(query.get("limit", 20))]

    def relationships(self, id_):
        """As Mastodon tells it: nothing of who is suspended or gone."""
        if self.blocked_by is None or self.accounts_gone:
            return []
        return [{"id": id_, "following": False, "followed_by": True, "blocking": False, "blocked_by": self.blocked_by}]

    def page(self, query):
        """`min_id` brings the oldest behind it, each page newest first; the others the newest."""
        rows = sorted(self.notifications, key=lambda one: int(one["id"]))
        size = int(query.get("limit", 40))
        behind = int(query.get("min_id") or query.get("since_id") or -1)
        rows = [one for one in rows if behind < int(one["id"]) < int(query.get("max_id", 10**9))]
        rows = rows[:size] if "min_id" in query and not self.takes_min_for_since else rows[-size:]
        if not rows:
            return 200, [], {}
        further = {"next": {"max_id": rows[0]["id"]}, "prev": {"min_id": rows[-1]["id"]}}
        links = [f'<https://elsewhere.example/api?{urlencode(q)}>; rel="{rel}"' for rel, q in further.items()]
        return 200, rows[::-1], {"Link": ", ".join(links)}

    def upload(self, raw):
        """https://docs.joinmastodon.org/methods/media/#v2: 202 and no address while it is being made ready."""
        self.media.append(raw)
        if self.drops_uploads:
            self.drops_uploads -= 1
            return 502, None, {}
        name = str(900 + len(self.media))
        is_slow = self.unready.get(name, self.slow_media)
        self.unready[name] = is_slow
        return (202 if is_slow else 200), {"id": name, "type": "image", "url": None if is_slow else f"https://kettle.example/{name}.jpg"}, {}  # fmt: skip

    def media_of(self, name):
        if name not in self.unready:
            return 404, {"error": "Record not found"}, {}
        self.unready[name] = max(self.unready[name] - 1, 0)
        url = None if self.unready[name] else f"https://kettle.example/{name}.jpg"
        return (206 if url is None else 200), {"id": name, "type": "image", "url": url}, {}

    def post(self, said):
        if said["in_reply_to_id"] not in self.statuses:
            return 404, {"error": "Record not found"}, {}
        if len(said["status"]) > 700:
            return 422, {"error": "Validation failed: Text character limit of 500 exceeded"}, {}
        self.serial += 1
        made = status(self.serial, rendered(said["status"]), by=account("kettle", OURS), in_reply_to_id=said["in_reply_to_id"], visibility=said["visibility"])  # fmt: skip
        self.statuses[made["id"]] = made
        self.posted.append(made | {"said": said})
        self.stored.set()
        self.may_go_on.wait(30)
        if self.drops_answers:
            self.drops_answers -= 1
            return 502, None, {}
        return 200, made, {}


def rendered(text):
    """As Mastodon writes it: names without their domain, links with invisible parts."""
    words = []
    for word in text.split(" "):
        if word.startswith("@"):
            name = escape(word[1:].partition("@")[0])
            words.append(f'<span class="h-card"><a href="https://x.example/@{name}" class="u-url mention">@<span>{name}</span></a></span>')  # fmt: skip
        elif word.startswith("https://"):
            words.append(f'<a href="{escape(word)}"><span class="invisible">https://</span><span class="ellipsis">{escape(word[8:20])}</span><span class="invisible">{escape(word[20:])}</span></a>')  # fmt: skip
        else:
            words.append(escape(word, quote=False))
    return f"<p>{'<br />'.join(' '.join(words).split(chr(10)))}</p>"
