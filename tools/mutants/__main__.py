"""The commands. They need the servers of `make servers` (var/run/test_env.sh) in the environment."""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

from tools.mutants.places import KEPT, ROOT

LEFT_OUT = ("tests/browser", "tests/backstage", "tests/delivery/test_killing.py")


def cover(arguments: list[str]) -> int:
    """Run the tests once, in one process, under coverage."""
    tests = arguments or [
        str(path.relative_to(ROOT))
        for path in sorted((ROOT / "tests").glob("*/"))
        if path.is_dir() and str(path.relative_to(ROOT)) not in LEFT_OUT and not path.name.startswith("_")
    ]
    roots = [] if arguments else [str(path.relative_to(ROOT)) for path in sorted((ROOT / "tests").glob("test_*.py"))]
    left_out = [f"--ignore={path}" for path in LEFT_OUT]
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "--no-header",
            "-p",
            "tools.mutants.covering",
            *left_out,
            *tests,
            *roots,
        ],
        cwd=ROOT,
        check=False,
        env=os.environ | {"DJANGO_ALLOW_ASYNC_UNSAFE": "1"},
    ).returncode


def make_template() -> None:
    """A migrated database that each run copies."""
    import django
    from django.db import connection

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ecrm.settings")
    os.environ.pop("ECRM_ASSUME_ROLE", None)
    django.setup()
    from tools.mutants.running import TEMPLATE

    connection.settings_dict.setdefault("TEST", {})["NAME"] = TEMPLATE
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    connection.close()


def run(seed: int, count: int, number: int, workers: int, only: str, sham: int) -> None:
    """Try every `workers`-th mutant of the sample, and write what came of it as it comes."""
    from tools.mutants.making import sample
    from tools.mutants.running import own_tree, run_one, tests_for

    mutants = [m for m in sample(seed, count) if m.path.startswith(only)][number::workers]
    asked = tests_for(mutants)
    results = KEPT / f"results-{seed}-{number}.jsonl"
    preload()
    with own_tree(number) as tree, results.open("w") as file:
        for tests in asked[:sham]:
            said = run_one(None, tests, tree, number)
            print("unchanged:", said, flush=True)
            if said["outcome"] == "killed":
                sys.exit(f"tests fail on the code as it is: see {KEPT}/output-{number}.txt")
        for mutant, tests in zip(mutants, asked, strict=True):
            said = run_one(mutant, tests, tree, number)
            file.write(json.dumps(mutant.kept() | said) + "\n")
            file.flush()
            print(
                f"{said['outcome']:9}{said.get('seconds', 0):6} {mutant.path}:{mutant.line} {mutant.change} | {said.get('by')}",
                flush=True,
            )


def preload() -> None:
    """Import what is not ours once, so that each child is spared it."""
    for name in (
        "django.test",
        "django.contrib.admin",
        "django.contrib.postgres",
        "numpy",
        "pytest",
        "celery",
        "psycopg",
        "httpx",
        "redis",
        "liquid",
        "css_inline",
        "PIL.Image",
        "structlog",
        "allauth",
        "phonenumbers",
        "feedparser",
        "py3langid",
    ):
        __import__(name)


def show(seed: int) -> None:
    """The tally of a run, and every mutant that lived."""
    found = [
        json.loads(line)
        for path in sorted(KEPT.glob(f"results-{seed}-*.jsonl"))
        for line in path.read_text().splitlines()
    ]
    dead = sum(one["outcome"] == "killed" for one in found)
    print(f"{dead} of {len(found)} die: {dead / max(len(found), 1):.3f}")
    for one in sorted(found, key=lambda one: (one["path"], one["line"])):
        if one["outcome"] != "killed":
            text = (ROOT / one["path"]).read_text().splitlines()[one["line"] - 1].strip()
            print(f"{one['outcome']:9}{one['path']}:{one['line']}  {one['change']}\n          {text}")


def main() -> int:
    parser = argparse.ArgumentParser(prog="tools.mutants", description=Path(__file__).parent.name)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("cover").add_argument("tests", nargs="*")
    commands.add_parser("template")
    running = commands.add_parser("run")
    for name, default in (("seed", 2026), ("count", 400), ("number", 0), ("workers", 1), ("sham", 0)):
        running.add_argument(f"--{name}", type=int, default=default)
    running.add_argument("--only", default="")
    commands.add_parser("show").add_argument("--seed", type=int, default=2026)
    given = vars(parser.parse_args())
    command = given.pop("command")
    if command == "cover":
        return cover(given["tests"])
    {"template": make_template, "run": run, "show": show}[command](**given)
    return 0


if __name__ == "__main__":
    sys.exit(main())
