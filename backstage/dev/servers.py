"""PostgreSQL and Valkey together: the kept pair of `up`, the throw-away pair of the tests."""

import contextlib
import shutil
import sys
import time
from collections.abc import Iterator, Mapping

from backstage.dev import places
from backstage.dev.children import end_leftovers, end_on_signals, started
from backstage.dev.passwords import passwords, write_private
from backstage.dev.postgres import start_postgres
from backstage.dev.valkey import start_valkey


@contextlib.contextmanager
def throw_away_servers(name: str, *, tuning: Mapping[str, str] | None = None) -> Iterator[dict[str, str]]:
    """A fresh pair that is gone afterwards; yields the environment that tests need. `tuning`: PostgreSQL's settings."""
    var = places.var_directory()
    home = places.data_home(var)
    postgres_data, valkey_data = home / f"{name}-postgres", home / f"{name}-valkey"
    for data in (postgres_data, valkey_data):
        shutil.rmtree(data, ignore_errors=True)
    secrets = passwords(var / "run" / f"{name}.passwords.json")
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, postgres_data, ignore_errors=True)
        stack.callback(shutil.rmtree, valkey_data, ignore_errors=True)
        stack.callback((var / "run" / f"{name}.passwords.json").unlink, missing_ok=True)
        log = var / "log" / f"{name}-postgres.log"
        log.unlink(missing_ok=True)
        postgres = start_postgres(var, postgres_data, secrets, port=0, throw_away=True, log=log, tuning=tuning)
        stack.callback(postgres.stop)
        valkey = start_valkey(var, valkey_data, secrets["valkey"], port=0, throw_away=True)
        stack.callback(valkey.stop)
        yield {
            "DATABASE_URL": postgres.url("ecrm_owner"),
            "ECRM_ASSUME_ROLE": "ecrm_app",
            "ADMIN_DATABASE_URL": postgres.url("ecrm_admin"),
            "REDIS_URL": valkey.url(),
        }


def clear_stale(prefix: str) -> None:
    """Remove the data of throw-away runs `<prefix>-<pid>` whose launcher is gone. May be repeated."""
    var = places.var_directory()
    for left in [*places.data_home(var).glob(f"{prefix}-*"), *(var / "run").glob(f"{prefix}-*")]:
        owner = left.name.removeprefix(f"{prefix}-").partition("-")[0].partition(".")[0]
        if not owner.isdigit() or started(int(owner)) is not None:
            continue
        if left.suffix == ".pid":
            end_leftovers(left.parent, only=(left.stem,))
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)
        else:
            left.unlink(missing_ok=True)


def serve_tests() -> int:
    """Run a throw-away pair in the foreground; var/run/test_env.sh is what a shell needs to use it."""
    var = places.var_directory()
    end_leftovers(var / "run", only=("servers-postgres", "servers-valkey"))
    file = var / "run" / "test_env.sh"
    end_on_signals()
    with contextlib.suppress(KeyboardInterrupt), throw_away_servers("servers") as environ:
        lines = "".join(f"export {name}={value}\n" for name, value in environ.items())
        write_private(file, lines)
        sys.stdout.write(f"{lines}# the same in {file}; Ctrl-C ends both servers\n")
        sys.stdout.flush()
        try:
            while True:
                time.sleep(3600)
        finally:
            file.unlink(missing_ok=True)
    return 0
