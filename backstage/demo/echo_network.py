"""The demo network (echo): a small server that speaks the Mastodon API, so that mentions and answers can be tried.

Its people write to us when we look for the first time, and answer our answer once, after some seconds. One writes to nobody,
with a hashtag that the demo listens to. It listens on
127.0.0.1 alone, knows one token, and keeps what was said in one file. Run by `make up`:
`python -m backstage.demo.echo_network FACTS`, where FACTS is a file that holds its port and token.
"""

import json
import os
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from backstage.demo.echo_media import attached, described
from backstage.demo.echo_news import STREAM, instance_of, page_of, tell_news
from backstage.demo.echo_people import OURS, RESIDENTS, Resident

NAME, DOMAIN, LOOPBACK = "Demo network (echo)", "echo.example", "127.0.0.1"
ANSWERS_AFTER = 6.0  # seconds: long enough to see our own answer stand there first
LARGEST, LONGEST = 2_000_000, 500
VISIBILITIES = {"public", "unlisted", "private", "direct"}
Said = tuple[int, Any]


class EchoNetwork:
    """What was said on the network, by whom; `clock` counts seconds since 1970. Every public method may run beside others."""

    def __init__(self, kept: Path, url: str, clock: Callable[[], float] = time.time) -> None:
        self.kept, self.url, self.clock, self.lock = kept, url, clock, threading.RLock()
        self.people = {one.id: one for one in (OURS, *RESIDENTS)}
        self.held: dict[str, Any] = {
            "last": 0,
            "begun": False,
            "statuses": {},
            "mentions": [],
            "later": [],
            "thanked": [],
            "media": {},
        }
        if kept.exists():
            self.held |= json.loads(kept.read_text())

    def answer(self, method: str, path: str, raw: bytes) -> Said:
        """(status, JSON) for a request that bore the token."""
        with self.lock:
            self._let_them_speak()
            where, query = urlsplit(path).path.rstrip("/"), parse_qs(urlsplit(path).query)
            asked = {name: values[0] for name, values in query.items()}
            if method == "POST" and where == "/api/v2/media":
                return 200, attached(self._keep_picture(described(raw)), self.held["media"])
            if method == "POST":
                return self._post(where, raw)
            return self._get(where, asked)

    def newest(self) -> str:
        """The id of the newest mention of us, "" before the first."""
        with self.lock:
            self._let_them_speak()
            return str(self.held["mentions"][-1]) if self.held["mentions"] else ""

    def page(self) -> str:
        """All that was said, for people who follow a link here."""
        with self.lock:
            rows = [self._status(one) for one in self.held["statuses"].values()]
        said = "".join(
            f'<article id="s{one["id"]}"><b>{escape(one["account"]["display_name"])}</b> <small>{one["visibility"]}</small>'
            f"{one['content']}{''.join(f'<p>[{escape(each["description"])}]</p>' for each in one['media_attachments'])}</article>"
            for one in rows
        )
        return f'<!doctype html><html lang="en"><title>{NAME}</title><h1>{NAME}</h1><p>Invented people, on this machine.</p>{said}</html>'

    def _get(self, where: str, asked: dict[str, str]) -> Said:
        if where == "/api/v1/accounts/verify_credentials":
            return 200, self._account(OURS)
        if where == "/api/v1/notifications":
            self._begin()
            return 200, [self._notification(one) for one in page_of(self.held["mentions"], asked)]
        if where.startswith("/api/v1/timelines/tag/"):
            self._begin()
            sign = f"#{unquote(where.removeprefix('/api/v1/timelines/tag/'))}".casefold()
            tagged = [one for one, row in self.held["statuses"].items() if sign in row["text"].casefold().split()]
            return 200, [self._status(self.held["statuses"][one]) for one in page_of(tagged, asked)]
        if where == f"/api/v1/accounts/{OURS.id}/statuses":
            ours = [one for one, row in self.held["statuses"].items() if row["by"] == OURS.id]
            return 200, [self._status(self.held["statuses"][one]) for one in page_of(ours, asked)]
        found = self.held["statuses"].get(where.removeprefix("/api/v1/statuses/"))
        return (200, self._status(found)) if found else (404, {"error": "Record not found"})

    def _post(self, where: str, raw: bytes) -> Said:
        if where.startswith("/api/v1/statuses/") and where.endswith("/favourite"):
            return self._get(where.removesuffix("/favourite"), {})
        if where != "/api/v1/statuses":
            return 404, {"error": "Record not found"}
        try:
            said = json.loads(raw)
            text, parent = str(said["status"])[: 2 * LONGEST], str(said.get("in_reply_to_id") or "")
            media = [one for one in map(str, said.get("media_ids") or ()) if one in self.held["media"]]
            visibility, warning = str(said.get("visibility") or "public"), str(said.get("spoiler_text") or "")
        except (ValueError, KeyError, TypeError, AttributeError):
            return 422, {"error": "Validation failed: Text can't be blank"}
        if visibility not in VISIBILITIES:
            return 422, {"error": "Validation failed: Visibility is not included in the list"}
        if parent and parent not in self.held["statuses"]:
            return 404, {"error": "Record not found"}
        made = self._write(OURS, text, parent=parent, visibility=visibility, warning=warning)
        made["media"] = media
        self._plan_thanks(made)
        self._keep()
        return 200, self._status(made)

    def _keep_picture(self, alt: str) -> str:
        """Of a picture its words are kept, under a number."""
        name = str(len(self.held["media"]) + 1)
        self.held["media"][name] = alt
        self._keep()
        return name

    def _begin(self) -> None:
        """At the first look: everybody writes to us soon, so that it is new and not what lay there before."""
        if not self.held["begun"]:
            self.held["begun"] = True
            moment = self.clock()
            self.held["later"] += [{"at": moment + one.after, "by": one.id, "parent": ""} for one in RESIDENTS]
            self._keep()

    def _plan_thanks(self, answer: dict[str, Any]) -> None:
        """Who was answered answers once; a second answer, or the next post of a chain, is met with silence."""
        asked = self.held["statuses"].get(answer["parent"])
        if asked is None or asked["by"] == OURS.id or asked["by"] in self.held["thanked"]:
            return
        self.held["thanked"].append(asked["by"])
        self.held["later"].append({"at": self.clock() + ANSWERS_AFTER, "by": asked["by"], "parent": answer["id"]})

    def _let_them_speak(self) -> None:
        moment = self.clock()
        due = [one for one in self.held["later"] if one["at"] <= moment]
        if not due:
            return
        self.held["later"] = [one for one in self.held["later"] if one["at"] > moment]
        for one in due:
            who = self.people[one["by"]]
            words = who.thanks if one["parent"] else who.words
            is_aside = who.is_aside and not one["parent"]
            made = self._write(
                who,
                words if is_aside else f"@{OURS.handle} {words}",
                parent=one["parent"],
                visibility=who.visibility,
                warning=who.warning,
                at=one["at"],
            )
            if not is_aside:
                self.held["mentions"].append(made["id"])
        self._keep()

    def _write(
        self, who: Resident, text: str, *, parent: str, visibility: str, warning: str, at: float | None = None
    ) -> dict[str, Any]:
        moment = self.clock() if at is None else at
        self.held["last"] = max(
            self.held["last"] + 1, int(self.clock() * 1000)
        )  # also after a restart later than before
        made = {"id": str(self.held["last"]), "by": who.id, "text": text, "parent": parent, "visibility": visibility}
        made |= {"warning": warning, "at": datetime.fromtimestamp(moment, UTC).isoformat()}
        self.held["statuses"][made["id"]] = made
        return made

    def _status(self, row: dict[str, Any]) -> dict[str, Any]:
        parent = self.held["statuses"].get(row["parent"])
        return {
            "id": row["id"],
            "uri": f"{self.url}/#s{row['id']}",
            "url": f"{self.url}/#s{row['id']}",
            "created_at": row["at"],
            "edited_at": None,
            "in_reply_to_id": row["parent"] or None,
            "in_reply_to_account_id": parent["by"] if parent else None,
            "visibility": row["visibility"],
            "spoiler_text": row["warning"],
            "sensitive": bool(row["warning"]),
            "language": "en",
            "content": f"<p>{escape(row['text'], quote=False).replace(chr(10), '<br>')}</p>",
            "account": self._account(self.people[row["by"]]),
            "mentions": []
            if f"@{OURS.handle}" not in row["text"]
            else [{"id": OURS.id, "acct": OURS.handle, "username": OURS.handle}],
            "media_attachments": [attached(one, self.held["media"]) for one in row.get("media", ())],
        }

    def _account(self, who: Resident) -> dict[str, Any]:
        return {
            "id": who.id,
            "acct": who.handle,
            "username": who.handle,
            "display_name": who.name,
            "url": f"{self.url}/@{who.handle}",
            "followers_count": who.followers,
        }

    def _notification(self, id_: str) -> dict[str, Any]:
        status = self._status(self.held["statuses"][id_])
        return {"id": id_, "type": "mention", "created_at": status["created_at"], "account": status["account"], "status": status}  # fmt: skip

    def _keep(self) -> None:
        draft = self.kept.with_suffix(".draft")
        draft.write_text(json.dumps(self.held))
        draft.replace(self.kept)


class EchoServer(ThreadingHTTPServer):
    """The network behind a port of 127.0.0.1."""

    daemon_threads = True

    def server_close(self) -> None:
        """Streams end with it."""
        self.is_over.set()
        super().server_close()

    def __init__(self, port: int, token: str, kept: Path, clock: Callable[[], float]) -> None:
        super().__init__((LOOPBACK, port), EchoHandler)
        self.is_over = threading.Event()
        self.token, self.network = token, EchoNetwork(kept, f"http://{LOOPBACK}:{self.server_port}", clock)


class EchoHandler(BaseHTTPRequestHandler):
    """One line to it."""

    protocol_version, timeout = "HTTP/1.1", 30
    server: EchoServer

    def do_GET(self) -> None:
        self._reply("GET", b"")

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "0")
        size = int(length) if length.isdigit() else 0
        self._reply("POST", self.rfile.read(min(size, LARGEST)))

    def _reply(self, method: str, raw: bytes) -> None:
        where, network = urlsplit(self.path).path, self.server.network
        if where in {"/api/v1/instance", "/api/v2/instance"}:
            self._send(200, json.dumps(instance_of(NAME, DOMAIN, network.url, LONGEST)), "application/json")
        elif not where.startswith("/api/"):
            self._send(200, network.page(), "text/html; charset=utf-8")
        elif self.headers.get("Authorization") != f"Bearer {self.server.token}":
            self._send(401, json.dumps({"error": "The access token is invalid"}), "application/json")
        elif where == STREAM and method == "GET":
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            self.close_connection = True
            tell_news(self.wfile, network.newest, self.server.is_over)
        else:
            status, tree = network.answer(method, self.path, raw)
            self._send(status, json.dumps(tree), "application/json")

    def _send(self, status: int, text: str, kind: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", "default-src 'none'")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: Any) -> None:
        """Quiet."""


def serve(port: int, token: str, kept: Path, clock: Callable[[], float] = time.time) -> EchoServer:
    """The network, listening; port 0 takes any free one. Whoever calls runs `serve_forever`."""
    return EchoServer(port, token, kept, clock)


def main() -> None:
    """Serve until somebody ends us."""
    facts_file = Path(sys.argv[1])
    facts = json.loads(facts_file.read_text())
    os.umask(0o077)
    with serve(int(facts["port"]), str(facts["token"]), facts_file.with_suffix(".said")) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
