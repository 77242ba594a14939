"""From a bare checkout: a Python is found where the PATH does not lead, and what is broken is passed over."""

import ast
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[3] / "tools" / "bootstrap.py"


@pytest.fixture
def bootstrap(monkeypatch, tmp_path):
    """The script as a module, on a machine with an empty home and an empty PATH."""
    spec = importlib.util.spec_from_file_location("bootstrap", SOURCE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    for name in ("PYENV_ROOT", "UV_PYTHON", "ECRM_PYTHON"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(module, "version_of", lambda path: fake_version(module, path))
    return module


def fake_version(module, path):
    """Ask the fakes of these tests as the real function would; the machine's own Pythons are not there."""
    said = module.answers([path]) if os.environ["HOME"] in str(path) else None
    return tuple(int(part) for part in said.split(".")) if said else None


def make_python(folder, name, script):
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return str(file)


def test_pyenvs_version_folders_are_looked_into(bootstrap, tmp_path):
    make_python(tmp_path / "bin", "python3", "echo 3.11.2")
    make_python(tmp_path / "bin", "python3.13", "echo 'pyenv: python3.13: command not found' >&2; exit 127")
    wanted = make_python(tmp_path / ".pyenv/versions/3.12.1/bin", "python3.12", "echo 3.12.1")

    assert bootstrap.find_python() == wanted


def test_what_the_tests_run_on_comes_before_what_is_newer(bootstrap, tmp_path):
    make_python(tmp_path / ".local/share/uv/python/cpython-3.14/bin", "python3.14", "echo 3.14.0")
    wanted = make_python(tmp_path / ".asdf/installs/python/3.13.2/bin", "python3.13", "echo 3.13.2")

    assert bootstrap.find_python() == wanted


def test_none_is_found_where_all_are_too_old_or_broken(bootstrap, tmp_path):
    make_python(tmp_path / "bin", "python3", "echo 3.9.1")
    make_python(tmp_path / "bin", "python3.13", "exit 1")

    assert bootstrap.find_python() is None


def test_a_chosen_python_is_taken(bootstrap, tmp_path, monkeypatch):
    chosen = make_python(tmp_path / "mine", "python", "echo 3.12.9")
    make_python(tmp_path / "bin", "python3.13", "echo 3.13.1")
    monkeypatch.setenv("ECRM_PYTHON", chosen)

    assert bootstrap.find_python() == chosen


def test_it_is_written_for_old_pythons_too():
    ast.parse(SOURCE.read_text(), feature_version=(3, 8))


def test_an_unknown_command_is_told_the_known_ones():
    asked = subprocess.run(
        [sys.executable, "-m", "backstage.dev", "fly"],
        cwd=SOURCE.parents[1],
        capture_output=True,
        text=True,
        check=False,
    )

    assert asked.returncode == 2
    assert asked.stderr.startswith("usage: python -m backstage.dev COMMAND")


def test_compiled_modules_are_kept_where_the_shell_wants_none_beside_the_sources(bootstrap, monkeypatch, tmp_path):
    monkeypatch.setattr(bootstrap, "VAR", str(tmp_path))
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.delenv("PYTHONPYCACHEPREFIX", raising=False)

    bootstrap.keep_bytecode()

    code = "import sys; print(sys.dont_write_bytecode, sys.pycache_prefix)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.split() == ["False", str(tmp_path / "pycache")]


def test_where_nobody_forbids_them_compiled_modules_lie_where_python_puts_them(bootstrap, monkeypatch):
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    monkeypatch.delenv("PYTHONPYCACHEPREFIX", raising=False)

    bootstrap.keep_bytecode()

    assert "PYTHONPYCACHEPREFIX" not in os.environ
