"""`python -m backstage.dev …`: the launcher's command line."""

import json
import os
import sys
from collections.abc import Callable

from backstage.dev import places
from backstage.dev.locks import AlreadyRunningError
from backstage.dev.problems import ServerError
from backstage.dev.product import manage
from backstage.dev.resetting import reset
from backstage.dev.servers import serve_tests
from backstage.dev.testing import check, test
from backstage.dev.upping import up

USAGE = """\
usage: python -m backstage.dev COMMAND
  up                 the whole product, until Ctrl-C
  test [PYTEST ARGS] every check, then every test; with arguments only those tests
  lint               every check, no tests
  servers            a throw-away PostgreSQL and Valkey in the foreground, for tests run by hand
  manage ARGS        manage.py with the environment of the running `up`
  reset              remove the demo's data
"""


def manage_running(arguments: list[str]) -> int:
    """Run manage.py against what `up` has started, else with the environment as it is."""
    file = places.var_directory() / "run" / "stack_env.json"
    known: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    return manage(arguments, {**known, **os.environ})


def main(arguments: list[str]) -> int:
    """Run one command; what went wrong is one readable text, not a traceback."""
    command, rest = (arguments[0] if arguments else "up"), arguments[1:]
    commands: dict[str, Callable[[], int]] = {
        "up": up,
        "test": lambda: test(rest),
        "lint": check,
        "servers": serve_tests,
        "manage": lambda: manage_running(rest),
        "reset": reset,
    }
    if command not in commands:
        sys.stderr.write(USAGE)
        return 2
    try:
        return commands[command]()
    except (ServerError, AlreadyRunningError, FileNotFoundError, PermissionError) as problem:
        sys.stderr.write(f"ecrm: {problem}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
