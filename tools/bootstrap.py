#!/usr/bin/env python3
"""From a bare checkout to the launcher: find uv, find a Python, make .venv, run `python -m backstage.dev ARGS`.

Only the standard library, and any Python since 3.8: this runs before anything is installed.
"""

# Written for any Python 3, without pathlib's and f-strings' younger parts:
# ruff: noqa: PTH100, PTH111, PTH117, PTH118, PTH120, PTH207, UP031, RUF005, PLW1510, S606

import glob
import os
import shutil
import subprocess
import sys

OLDEST = (3, 12)
NEWEST = (3, 14)
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VAR = os.environ.get("ECRM_VAR") or os.path.join(ROOT, "var")
GROUPS = {"up": ["demo"], "reset": ["demo"], "lint": ["demo", "test", "browser", "lint"]}
EVERYTHING = ["demo", "test", "browser", "lint"]


def say(text):
    sys.stderr.write("ecrm: %s\n" % text)
    sys.stderr.flush()


def fail(text):
    say(text)
    sys.exit(1)


def answers(command):
    """What a command prints, or None when it cannot run or fails (as pyenv's shims do)."""
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode(errors="replace").strip() if done.returncode == 0 else None


def find_uv():
    """The PATH's uv, else our own in var/uv, else one that pip puts there."""
    own = os.path.join(VAR, "uv", "bin", "uv")
    for path in (shutil.which("uv"), os.path.expanduser("~/.local/bin/uv"), os.path.expanduser("~/.cargo/bin/uv"), own):
        if path and answers([path, "--version"]):
            return path
    say("installing uv into %s" % os.path.join(VAR, "uv"))
    # --target is allowed where a distribution forbids changing its own packages (PEP 668)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--upgrade"]
    environ = dict(os.environ, PIP_ROOT_USER_ACTION="ignore")  # an old pip, which knows no such option, reads over it
    done = subprocess.run(pip + ["--target", os.path.join(VAR, "uv"), "uv"], env=environ)
    if done.returncode or not answers([own, "--version"]):
        fail("uv could not be installed. Install it yourself (its documentation says how), then try again.")
    return own


def folders_of_pythons():
    """Where Pythons hide from the PATH: the version folders of pyenv, uv, asdf, mise, Homebrew, frameworks."""
    home = os.path.expanduser("~")
    pyenv = os.environ.get("PYENV_ROOT") or os.path.join(home, ".pyenv")
    patterns = [
        os.path.join(pyenv, "versions", "*", "bin"),
        os.path.join(home, ".local", "share", "uv", "python", "*", "bin"),
        os.path.join(home, ".asdf", "installs", "python", "*", "bin"),
        os.path.join(home, ".local", "share", "mise", "installs", "python", "*", "bin"),
        "/opt/homebrew/opt/python@3.*/bin",
        "/usr/local/opt/python@3.*/bin",
        "/home/linuxbrew/.linuxbrew/opt/python@3.*/bin",
        "/Library/Frameworks/Python.framework/Versions/3.*/bin",
        "/usr/local/bin",
        "/usr/bin",
    ]
    found = [folder for pattern in patterns for folder in sorted(glob.glob(pattern), reverse=True)]
    return os.environ.get("PATH", "").split(os.pathsep) + found


def version_of(python):
    probe = "import sys, ssl, ctypes, sqlite3; print('%d.%d.%d' % sys.version_info[:3], sys.implementation.name)"
    said = (answers([python, "-c", probe]) or "").split()
    if len(said) != 2 or said[1] != "cpython":
        return None
    return tuple(int(part) for part in said[0].split("."))


def find_python():
    """The path of the newest CPython that we support, or None."""
    asked = os.environ.get("ECRM_PYTHON") or os.environ.get("UV_PYTHON")
    if asked and os.path.isabs(asked) and version_of(asked):
        return asked
    names = ["python3.%d" % minor for minor in range(NEWEST[1], OLDEST[1] - 1, -1)] + ["python3"]
    best = None
    seen = set()
    for folder in folders_of_pythons():
        for name in names:
            path = os.path.join(folder, name)
            real = os.path.realpath(path)
            if not os.access(path, os.X_OK) or (real in seen and "shims" not in real):
                continue
            seen.add(real)
            version = version_of(path)
            if version and OLDEST <= version[:2] <= NEWEST and (best is None or _rank(version) > best[0]):
                best = (_rank(version), path)
    return best[1] if best else None


def _rank(version):
    """3.13 first, for it is what the tests run on; then the newest."""
    return (version[:2] == (3, 13), version)


def make_environment(uv, groups):
    """.venv as uv.lock says. Quick when nothing has changed; raises SystemExit with what to do."""
    environ = dict(os.environ)
    environ.pop("VIRTUAL_ENV", None)
    environ.pop("UV_PYTHON", None)
    command = [uv, "sync", "--frozen", "--quiet", "--no-default-groups"]
    for group in groups:
        command += ["--group", group]
    command += ["--inexact"]  # `up` after `test` must not take the test tools away
    current = os.path.join(ROOT, ".venv", "bin", "python")
    version = version_of(current)
    python = current if version and OLDEST <= version[:2] <= NEWEST else find_python()
    if python:
        command += ["--python", python, "--no-python-downloads"]
    else:
        say("no Python from %d.%d on was found here; uv fetches one" % OLDEST)
        command += ["--python", "3.13"]
    if subprocess.run(command, cwd=ROOT, env=environ).returncode == 0:
        return
    say("trying once more with the system's own certificates")
    if subprocess.run([*command, "--system-certs"], cwd=ROOT, env=environ).returncode:
        fail("The packages could not be installed; the lines above say why. Is a package index reachable?")


def keep_bytecode():
    """Where the shell forbids compiled modules beside their sources they lie in var instead.

    Without any, each process compiles everything that it imports: 3 s of CPU for each worker, test process and command.
    """
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", None):
        os.environ.setdefault("PYTHONPYCACHEPREFIX", os.path.join(VAR, "pycache"))


def main():
    arguments = sys.argv[1:] or ["up"]
    keep_bytecode()
    if os.environ.get("ECRM_NO_SYNC") != "1":
        make_environment(find_uv(), GROUPS.get(arguments[0], EVERYTHING))
    python = os.path.join(ROOT, ".venv", "bin", "python")
    os.chdir(ROOT)
    if arguments[0] == "-m":  # any module of ours, in the environment just made
        os.execv(python, [python, *arguments])
    os.execv(python, [python, "-m", "backstage.dev", *arguments])


if __name__ == "__main__":
    main()
