"""A Bluesky server on loopback (PDS and AppView in one), as its lexicons describe it."""

import json
import re
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from urllib.parse import parse_qs, unquote, urlsplit

from django.utils import timezone

from tests.loopback import LoopbackApi

US, INES = "did:plc:kettle", "did:plc:ines"
PASSWORD = "abcd-efgh-ijkl-mnop"
REASONS = {"mention", "reply", "quote"}


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def post(
    number, text="Does the spout fit?", *, at=None, did=INES, handle="ines.bsky.social", reply=None, **record
) -> dict:
    """A notification of a mention; its post view is the same tree."""
    at = at or timezone.now() - timedelta(minutes=1)
    record = {"$type": "app.bsky.feed.post", "text": text, "createdAt": stamp(at), "langs": ["en"]} | record
    record |= {"reply": reply} if reply else {}
    return {
        "uri": f"at://{did}/app.bsky.feed.post/{number}", "cid": f"bafy{number}", "reason": "reply" if reply else "mention",
        "author": {"did": did, "handle": handle, "displayName": "Ines", "viewer": {"muted": False, "blockedBy": False}},
        "record": record, "isRead": False, "indexedAt": stamp(at), "viewer": {},
    }  # fmt: skip


class Server(LoopbackApi):
    """Records by key; sessions that run out; `posts` are what mentions us, newest first or not.

    `hangs` maps the number of a call (of all) to "before" or "after" its effect: the line breaks there. `answers` maps a
    method to what it says instead, once for each element.
    """

    def __init__(self) -> None:
        self.posts, self.gone, self.blocked, self.records, self.created = [], set(), set(), {}, []
        self.blobs = []
        self.sessions, self.refreshes, self.logins, self.password = {"access-0": US}, {}, 0, PASSWORD
        self.hangs, self.answers, self.counts, self.headers, self.calls = {}, {}, Counter(), {}, 0
        self.tagged = []
        self.handles = {"kettle.bsky.social": US, "ines.bsky.social": INES}
        self.state = threading.RLock()
        super().__init__()

    def hear(self, method, path, headers, raw):
        with self.state:
            parts = urlsplit(path)
            name = parts.path.rpartition("/")[2]
            self.calls += 1
            self.counts[name] += 1
            self.asked.append(name)
            hangs = self.hangs.pop(self.calls, "")
            if hangs == "before":
                return None
            if said := self.answers.get(name):
                return said.pop(0)
            is_blob = name == "com.atproto.repo.uploadBlob"
            body = (headers["Content-Type"], raw) if is_blob else json.loads(raw) if raw else {}
            query = {
                key: values if key in {"uris", "reasons"} else values[0]
                for key, values in parse_qs(parts.query).items()
            }
            status, tree = self.act(unquote(parts.path), name, headers, query, body)
            return None if hangs == "after" else (status, tree, self.headers)

    def act(self, path, name, headers, query, body):
        token = headers.get("Authorization", "").removeprefix("Bearer ")
        if name == "com.atproto.server.createSession":
            return self.sign_in(body)
        if name == "com.atproto.server.refreshSession":
            return self.refresh(token)
        if name == "com.atproto.identity.resolveHandle":
            did = self.handles.get(query["handle"])
            return (
                (200, {"did": did})
                if did
                else (400, {"error": "InvalidRequest", "message": "Unable to resolve handle"})
            )
        if path.startswith("/did:plc:"):
            home = {"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": self.url}
            return 200, {"id": path[1:], "service": [home]}
        if token not in self.sessions:
            return 400, {"error": "ExpiredToken", "message": "Token has expired"}
        return getattr(self, re.sub("[A-Z]", lambda found: f"_{found[0].lower()}", name.rpartition(".")[2]))(
            query, body
        )

    def sign_in(self, body):
        self.logins += 1
        if body["password"] != self.password:
            return 401, {"error": "AuthenticationRequired", "message": "Invalid identifier or password"}
        return 200, self.new_session()

    def refresh(self, token):
        if token not in self.refreshes:
            return 400, {"error": "ExpiredToken", "message": "Token has been revoked"}
        return 200, self.new_session()

    def new_session(self) -> dict:
        number = len(self.sessions)
        self.sessions[f"access-{number}"] = US
        self.refreshes[f"refresh-{number}"] = US
        return {
            "did": US,
            "handle": "kettle.bsky.social",
            "accessJwt": f"access-{number}",
            "refreshJwt": f"refresh-{number}",
        }

    def expire(self, *, refreshes=False):
        with self.state:
            self.sessions = {f"old-{number}": US for number in range(len(self.sessions))}
            if refreshes:
                self.refreshes = {}

    def list_notifications(self, query, _body):
        assert set(query["reasons"]) == REASONS
        posts = sorted(self.posts, key=lambda one: str(one.get("indexedAt", "")), reverse=True)
        below = (
            [one for one in posts if str(one.get("indexedAt", "")) < query["cursor"]] if "cursor" in query else posts
        )
        page = below[: int(query["limit"])]
        more = {"cursor": page[-1]["indexedAt"]} if page else {}
        return 200, {"notifications": page, "seenAt": stamp(timezone.now()), "priority": False, **more}

    def search_posts(self, query, _body):
        """Newest first; `tagged` are what it finds, whatever the words."""
        assert (query["sort"], int(query["limit"])) == ("latest", 100)
        rows = sorted(self.tagged, key=lambda one: one["indexedAt"], reverse=True)
        rows = [one for one in rows if query["since"] <= one["indexedAt"] < query.get("cursor", "9")]
        page = rows[: int(query["limit"])]
        return 200, {"posts": page} | ({"cursor": page[-1]["indexedAt"]} if len(rows) > len(page) else {})

    def get_posts(self, query, _body):
        assert len(query["uris"]) <= 25
        hidden = self.gone | self.blocked
        return 200, {
            "posts": [
                one
                for one in [*self.posts, *self.tagged]
                if one.get("uri") in query["uris"] and one["uri"] not in hidden
            ]
        }

    def get_post_thread(self, query, _body):
        uri = query["uri"]
        if uri in self.gone:
            return 400, {"error": "NotFound", "message": f"Post not found: {uri}"}
        if uri in self.blocked:
            return 200, {"thread": {"$type": "app.bsky.feed.defs#blockedPost", "uri": uri, "blocked": True}}
        return 200, {"thread": {"$type": "app.bsky.feed.defs#threadViewPost", "post": {"uri": uri}}}

    def get_record(self, query, _body):
        uri = f"at://{query['repo']}/{query['collection']}/{query['rkey']}"
        if uri not in self.records:
            return 400, {"error": "RecordNotFound", "message": f"Could not locate record: {uri}"}
        return 200, {"uri": uri, "cid": f"cid-{query['rkey']}", "value": self.records[uri]}

    def put_record(self, _query, body):
        assert re.fullmatch(r"[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}", body["rkey"])
        if len(body["record"].get("text", "").encode()) > 3000:
            return 400, {"error": "InvalidRequest", "message": "Record/text must not be longer than 3000 characters"}
        uri = f"at://{body['repo']}/{body['collection']}/{body['rkey']}"
        if uri in self.records:
            assert self.records[uri] == body["record"], "a repeated attempt writes the same"
        else:
            self.created.append(uri)
        self.records[uri] = body["record"]
        return 200, {"uri": uri, "cid": f"cid-{body['rkey']}"}

    def upload_blob(self, _query, body):
        """Kept by what it holds, as there: the same bytes are the same blob."""
        kind, data = body
        self.blobs.append(body)
        return 200, {"blob": {"$type": "blob", "ref": {"$link": f"bafk{sha256(data).hexdigest()[:20]}"}, "mimeType": kind, "size": len(data)}}  # fmt: skip

    def create_record(self, _query, body):
        return 500, {"error": "InternalServerError"}
