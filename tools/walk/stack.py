"""The running stack: its address, its commands, a browser of its own."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parent.parent.parent
DATA = ROOT.parent / "shared" / "data"


class WalkError(Exception):
    """The walk cannot go on; the message says why and what to do."""


@dataclass
class Stack:
    """What var/run/stack.json says, and a workspace of this walk's own."""

    url: str
    database_url: str
    redis_url: str
    login: dict[str, str]
    slug: str = ""
    write_key: str = ""
    api_key: str = ""

    @classmethod
    def running(cls) -> "Stack":
        """The stack of `make up` in this folder."""
        path = ROOT / "var" / "run" / "stack.json"
        if not path.exists():
            raise WalkError("Nothing is up here: run `make up` first, with the demo.")
        facts = json.loads(path.read_text())
        if not facts["login"]:
            raise WalkError("This stack has no demo login: run `make reset`, then `make up`.")
        return cls(facts["url"], facts["database_url"], facts["redis_url"], facts["login"])

    def found_workspace(self) -> None:
        """A new workspace for this walk, made by the command."""
        self.slug = f"walk-{int(time.time())}"
        out = self.manage("createworkspace", self.slug, "--name", "The walk", "--owner", self.login["email"], "--json")
        keys = json.loads(out.splitlines()[-1])
        self.write_key, self.api_key = keys["write_key"], keys["api_key"]

    def kill(self, part: str) -> bool:
        """SIGKILL one part of the running stack; whether another process took its place."""
        file = ROOT / "var" / "run" / f"{part}.pid"
        before = json.loads(file.read_text())["pid"]
        os.kill(before, signal.SIGKILL)
        return bool(wait_until(f"Another {part}", lambda: json.loads(file.read_text())["pid"] != before))

    def manage(self, *words: str, check: bool = True) -> str:
        """Run a command of the product with nothing but the two addresses set."""
        env = os.environ | {"DATABASE_URL": self.database_url, "REDIS_URL": self.redis_url, "LOG_LEVEL": "ERROR"}
        done = subprocess.run([sys.executable, "manage.py", *words], cwd=ROOT, env=env, capture_output=True, text=True)  # noqa: PLW1510
        if check and done.returncode:
            raise WalkError(f"manage.py {' '.join(words)} failed:\n{done.stdout}{done.stderr}")
        return done.stdout + done.stderr


class Browser:
    """A logged-in person without JavaScript: pages, forms, CSRF."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.client = httpx.Client(base_url=stack.url, follow_redirects=True, timeout=60, trust_env=False)
        self.post("/accounts/login/", {"login": stack.login["email"], "password": stack.login["password"]})
        if "sessionid" not in self.client.cookies:
            raise WalkError("The demo login was refused.")

    def get(self, path: str) -> httpx.Response:
        """A page of the walk's workspace, or of the outside when it begins with /accounts or /p."""
        return self._checked(self.client.get(self._full(path)))

    def post(self, path: str, form: dict[str, Any], on: str | None = None, files: Any = None) -> httpx.Response:
        """Send a form, with the CSRF token of the page it stands on."""
        self.client.get(self._full(on or path))
        form = form | {"csrfmiddlewaretoken": self.client.cookies.get("csrftoken", "")}
        headers = {"Referer": self.stack.url + self._full(path)}
        return self._checked(self.client.post(self._full(path), data=form, files=files, headers=headers))

    def _full(self, path: str) -> str:
        return path if path.startswith(("/accounts", "/p/", "/w/")) else f"/w/{self.stack.slug}/{path}"

    @staticmethod
    def _checked(response: httpx.Response) -> httpx.Response:
        if response.status_code >= 400:
            words = re.sub(r"<[^>]+>|\s+", " ", response.text)[:600]
            raise WalkError(
                f"{response.request.method} {response.request.url} answered {response.status_code}: {words}"
            )
        return response


def wait_until(what: str, ready: Any, seconds: float = 60) -> Any:
    """Ask again and again until `ready()` is true; its value. WalkError when the time is over."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = ready()
        if found:
            return found
        time.sleep(0.5)
    raise WalkError(f"{what} did not happen within {seconds:.0f} s.")
