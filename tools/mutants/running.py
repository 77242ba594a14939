"""Each mutant in a tree of its own, against the tests that run its line; a forked child for each, with its own database."""

import ast
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import coverage

from tools.mutants.making import Mutant
from tools.mutants.places import KEPT, ROOT

LONGEST = float(os.environ.get("ECRM_MUTANT_SECONDS", "90"))  # of tests for one mutant; the quick ones come first
TEMPLATE = "mutants_template"
NOT_FOUND, NOTHING_RAN = 4, 5  # pytest's exit codes


def tests_for(mutants: Sequence[Mutant]) -> list[list[str]]:
    """For each mutant the tests that run its line: its own room's first, the quick ones first."""
    kept = json.loads((KEPT / "tests.json").read_text())
    data = coverage.CoverageData(str(KEPT / "coverage.db"))
    data.read()
    return [_tests_of(mutant, kept, data) for mutant in mutants]


def _tests_of(mutant: Mutant, kept: dict[str, Any], data: coverage.CoverageData) -> list[str]:
    room = f"tests/{mutant.path.split('/')[0]}/"
    seconds = kept["seconds"]
    if mutant.path.endswith(".sql"):
        found = kept["statements"].get(mutant.path.removesuffix(".sql").replace("/sql/", "/"), [])
    else:
        contexts = data.contexts_by_lineno(str(ROOT / mutant.path))
        found = _at(contexts, mutant.line, (ROOT / mutant.path).read_text()) or {
            *(test for tests in contexts.values() for test in tests),
            *(test for test in seconds if test.startswith(room)),
        }
    ordered = sorted((t for t in found if t in seconds), key=lambda t: (not t.startswith(room), seconds[t]))
    chosen, spent = [], 0.0
    for test in ordered:
        spent += seconds[test]
        if spent > LONGEST and chosen:
            break
        chosen.append(test)
    return chosen


def _at(contexts: dict[int, list[str]], line: int, code: str) -> set[str]:
    """Who runs this line, or the statement that it continues; a decorator and a default belong to their function.

    What only the import runs, outside of functions, is tried against the whole room: nobody here.
    """
    function = _function_at(line, code)
    if function is None:
        return set()
    begin = function.body[0].lineno
    if line < begin:
        return {
            test for near in range(begin, (function.end_lineno or begin) + 1) for test in contexts.get(near, []) if test
        }
    for near in range(line, max(line - 6, begin - 1), -1):
        if tests := {test for test in contexts.get(near, []) if test}:
            return tests
    return set()


def _function_at(line: int, code: str) -> ast.FunctionDef | None:
    """The innermost function whose decorators, signature or body this line is in."""
    found = [
        node
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.FunctionDef)
        and min([node.lineno, *(one.lineno for one in node.decorator_list)]) <= line <= (node.end_lineno or 0)
    ]
    return max(found, key=lambda node: node.lineno, default=None)


@contextmanager
def own_tree(number: int) -> Iterator[Path]:
    """A copy of what git knows and of what stands in the folder now, for one worker."""
    tree = KEPT / f"tree-{number}"
    shutil.rmtree(tree, ignore_errors=True)
    tree.mkdir(parents=True)
    files = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    for name in filter(None, files.split("\0")):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, tree / name)
    (tree / ".venv").symlink_to(ROOT / ".venv")
    try:
        yield tree
    finally:
        shutil.rmtree(tree, ignore_errors=True)


def run_one(mutant: Mutant | None, tests: Sequence[str], tree: Path, number: int) -> dict[str, Any]:
    """What the tests say of this mutant (None: of the code as it is): killed and by which test, survived, or untested."""
    if not tests:
        return {"outcome": "untested", "tests": 0}
    target = tree / mutant.path if mutant else None
    before = target.read_text() if target else ""
    try:
        if target and mutant:
            target.write_text(mutant.text)
        said = _fork(tests, tree, number)
        if said["code"] == NOT_FOUND:  # the mutant changed a parameter that a test is named after: run who is left
            said = _fork(tests, tree, number, by_file=True)
        return said | {"tests": len(tests)}
    finally:
        if target:
            target.write_text(before)


def _fork(tests: Sequence[str], tree: Path, number: int, *, by_file: bool = False) -> dict[str, Any]:
    said = KEPT / f"said-{number}.json"
    said.unlink(missing_ok=True)
    began = time.monotonic()
    child = os.fork()
    if not child:
        _be_child(tests, tree, number, said, by_file=by_file)
    limit = began + 60 + 6 * LONGEST
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            break
        if time.monotonic() > limit:
            os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return {"outcome": "killed", "by": "time", "code": 0, "seconds": round(time.monotonic() - began, 1)}
        time.sleep(0.05)
    killers = json.loads(said.read_text()) if said.exists() else ["no test could begin"]
    code = os.waitstatus_to_exitcode(status)
    outcome = "survived" if code in {0, NOTHING_RAN} else "killed"
    seconds = round(time.monotonic() - began, 1)
    return {"outcome": outcome, "by": (killers or ["?"])[0], "code": code, "seconds": seconds}


def _be_child(tests: Sequence[str], tree: Path, number: int, said: Path, *, by_file: bool) -> None:
    """Run the tests in this process, which ends with pytest's answer; `by_file`: those of them that there are."""
    os.setsid()
    os.chdir(tree)
    quiet = os.open(KEPT / f"output-{number}.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    sys.path[:] = [str(tree), *[place for place in sys.path if place not in ("", str(ROOT))]]
    for name in [name for name in sys.modules if name == "tools" or name.startswith("tools.")]:
        del sys.modules[name]
    os.environ |= {"PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1", "PYTEST_XDIST_WORKER": f"gw{number}"}
    sys.dont_write_bytecode = True
    code = 70
    try:
        import pytest

        from tools.mutants.child import Child

        places = list(dict.fromkeys(test.partition("::")[0] for test in tests)) if by_file else tests
        plugin = Child(said, TEMPLATE, number, tests)
        code = int(pytest.main(["-x", "-q", "--no-header", "-p", "no:xdist", *places], plugins=[plugin]))
    except BaseException:  # noqa: BLE001 (the child says what it was and ends)
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        sys.stdout.flush()
        os._exit(code)
