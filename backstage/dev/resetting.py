"""`reset`: remove the demo's data."""

import shutil
import sys

from backstage.dev import places
from backstage.dev.children import end_leftovers
from backstage.dev.locks import only_one

DATA = ("postgres", "postgres.new", "valkey", "postgres-programs")
REST = (
    "passwords.json",
    "echo.json",
    "echo.said",
    "texts.json",
    "media",
    "mail",
    "run/stack.json",
    "run/stack_env.json",
    "run/demo_keys.json",
)


def reset() -> int:
    """Remove databases, passwords, mails and uploads of this checkout; the secret key stays. Asks only a person."""
    var = places.var_directory()
    with only_one(var):
        home = places.data_home(var)
        if sys.stdin.isatty():
            sys.stdout.write(f"This removes every contact and touchpoint in {home}. Go on? [y/N] ")
            sys.stdout.flush()
            if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
                sys.stdout.write("Nothing was removed.\n")
                return 1
        end_leftovers(var / "run")
        for path in [
            *(home / name for name in DATA),
            *(var / name for name in REST),
            *(var / "run").glob("beat-schedule*"),
        ]:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        if home != var and not any(home.iterdir()):
            home.rmdir()
    sys.stdout.write("The data is gone; make up begins anew.\n")
    return 0
