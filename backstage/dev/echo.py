"""The demo's echo network beside the product: its port and token, made once and kept, so that the demo finds it again."""

import json
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path

from backstage.dev.children import Child
from backstage.dev.passwords import write_private
from backstage.dev.places import ROOT
from backstage.dev.ports import LOOPBACK, free_port, is_free

FILE = "echo.json"


def echo_facts(var: Path, env: Mapping[str, str]) -> dict[str, str]:
    """{ECRM_ECHO_URL, ECRM_ECHO_TOKEN} of the network; {} without a demo, or while somebody else uses its port."""
    if env.get("ECRM_DEMO") != "1" or env.get("ECRM_FETCH_LOOPBACK") != "1":
        return {}
    path = var / FILE
    if not path.exists():
        write_private(path, json.dumps({"port": free_port(), "token": secrets.token_urlsafe(32)}))
    kept = json.loads(path.read_text())
    if not is_free(int(kept["port"])):
        return {}
    return {"ECRM_ECHO_URL": f"http://{LOOPBACK}:{kept['port']}", "ECRM_ECHO_TOKEN": str(kept["token"])}


def start_echo(var: Path, env: Mapping[str, str]) -> Child:
    """The running network."""
    command: list[str | Path] = [sys.executable, "-m", "backstage.demo.echo_network", var / FILE]
    child = Child("echo", command, env=env, pid_file=var / "run" / "echo.pid", cwd=ROOT)
    child.echo(sys.stdout, width=6)
    return child
